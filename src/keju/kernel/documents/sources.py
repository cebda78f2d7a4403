"""Finding typst templates: `tickets/ticket` → `keju/stages/tickets/typst/ticket.typ`."""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

NAME = re.compile(r"([a-z_]+)/([a-z0-9_-]+)")


@dataclass(frozen=True)
class Template:
    """`version`: SHA-256 over everything that shapes the page apart from the data and the typeface."""

    name: str
    sources: dict[str, bytes]
    version: str


@cache
def template(name: str) -> Template:
    """The template with its stage's other .typ files beside it and `/keju.typ`; `LookupError` if there is none."""
    match = NAME.fullmatch(name)
    if match is None:
        raise LookupError(name)
    package, file = match.groups()
    sources = {"keju.typ": _read("keju.kernel.documents")["keju.typ"]}
    own = _read(
        f"keju.kernel.{package}"
        if package in {"documents", "notices", "duties"}
        else f"keju.stages.{package}"
    )
    if f"{file}.typ" not in own:
        raise LookupError(name)
    sources |= {f"{package}/{key}": value for key, value in own.items()}
    hashed = hashlib.sha256()
    for key in sorted(sources):
        hashed.update(len(key).to_bytes(4) + key.encode() + len(sources[key]).to_bytes(8) + sources[key])
    return Template(f"{package}/{file}.typ", sources, hashed.hexdigest())


def _read(package: str) -> dict[str, bytes]:
    try:
        folder = resources.files(package) / "typst"
    except ModuleNotFoundError as error:
        raise LookupError(package) from error
    if not folder.is_dir():
        raise LookupError(package)
    return {item.name: item.read_bytes() for item in folder.iterdir() if item.name.endswith(".typ")}
