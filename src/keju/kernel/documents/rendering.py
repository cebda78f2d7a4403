"""Data and a template → PDF. The same input gives the same bytes, on every machine, for ever."""

import json
import threading
from collections.abc import Mapping
from typing import Any

import typst

from keju.kernel.documents import fonts
from keju.kernel.documents.pictures import as_svg
from keju.kernel.documents.sources import template as load

# Documents carry their date in the text; the file's own is fixed, so that equal content is equal bytes.
EPOCH = 0
_here = threading.local()
_fonts_lock = threading.Lock()
_fonts: list[typst.Fonts] = []


class BrokenTemplate(Exception):
    """The template does not compile with this data. A bug in the template or in `documents.py`."""


def render(
    *,
    template: str,
    data: Mapping[str, Any],
    files: Mapping[str, bytes] | None = None,
    language: str = "zh",
    tagged: bool = True,
) -> bytes:
    """The PDF of `template` ("tickets/ticket") with `data` (plain JSON values).

    The template reads `#let data = json("/data.json")`, `data.language`, and pictures by `picture("photo")` for
    `files={"photo": jpeg}` (JPEG, PNG, SVG). Characters without a glyph are printed as their framed code point.
    `tagged`: with the structure that screen readers follow, a fifth of a page's bytes; wall papers do without.
    """
    found = load(template)
    body = json.dumps({**fonts.marked(dict(data)), "language": language}, ensure_ascii=False, sort_keys=True)
    inputs: dict[str, bytes] = {
        **found.sources,
        "data.json": body.encode(),
        "main.typ": f'#include "/{found.name}"\n'.encode(),
    }
    for name, picture in (files or {}).items():
        inputs[f"files/{name}.svg"] = as_svg(picture)
    try:
        pdf = _compiler().compile(input=inputs, format="pdf", timestamp=EPOCH, pdf_tags=tagged)  # type: ignore[type-var]
    except RuntimeError as error:
        raise BrokenTemplate(f"{template}: {getattr(error, 'diagnostic', '') or error}") from error
    if not isinstance(pdf, bytes):
        raise BrokenTemplate(f"{template}: no single PDF")
    return pdf


def warm() -> None:
    """The typeface is loaded: the first document will not be slow."""
    _compiler()


def _compiler() -> typst.Compiler:
    """One a thread (it is not shared while compiling); the loaded typeface is shared by all."""
    found: typst.Compiler | None = getattr(_here, "compiler", None)
    if found is None:
        with _fonts_lock:
            if not _fonts:
                _fonts.append(
                    typst.Fonts(
                        include_system_fonts=False,
                        include_embedded_fonts=False,
                        font_paths=[str(fonts.FILE.parent)],
                    )
                )
        found = _here.compiler = typst.Compiler(font_paths=_fonts[0])
    return found
