"""Finds golden vectors: in the folder KEJU_GOLDEN, else in a `shared/golden` beside some parent folder."""

import os
import warnings
from pathlib import Path

import pytest


def golden(name: str) -> Path:
    """The folder `name` of golden vectors. Skips the test, loudly, where they are not at hand."""
    told = os.environ.get("KEJU_GOLDEN")
    roots = [Path(told)] if told else [up / "shared" / "golden" for up in Path(__file__).resolve().parents]
    for folder in roots:
        if (folder / name).is_dir():
            return folder / name
    text = f"GOLDEN VECTORS NOT FOUND: {name}; set KEJU_GOLDEN. NOTHING WAS PROVED BY THIS TEST."
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(text, stacklevel=2)
    pytest.skip(text)
