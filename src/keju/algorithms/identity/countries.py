"""Countries that issue passports, by the three letters of ISO 3166-1, which ICAO Doc 9303 uses too."""

from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType


def _read() -> Mapping[str, tuple[str, str]]:
    text = files("keju.algorithms.identity").joinpath("countries.txt").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines())
    return MappingProxyType({code: (zh, en) for code, zh, en in rows})


COUNTRIES: Mapping[str, tuple[str, str]] = _read()
"""Code → (Chinese, English) name."""
