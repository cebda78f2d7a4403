"""A stored file as the answer of a page."""

from typing import TypeVar

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from keju.kernel.files import queries, vault
from keju.kernel.offices import Actor

# What a browser may show in place; anything else is saved, never run.
SHOWN = {"image/jpeg", "image/png", "application/pdf"}
LARGE = 4 * 1024 * 1024
Answer = TypeVar("Answer", HttpResponse, StreamingHttpResponse)


def response(
    sha: str, viewer: Actor, download_name: str = "", *, inline: bool = False
) -> HttpResponse | StreamingHttpResponse:
    """The file for the viewer, saved under `download_name` (else its own) or, `inline`, shown if that is safe.

    Raises as `queries.read`: what may not be seen does not exist. A large file is sent in pieces, after all of it was
    proved: a damaged one is a sentence, not half a download.
    """
    row = queries.row(sha, viewer=viewer)
    name = download_name or row.name
    if row.size <= LARGE:
        return answer(vault.get(sha), row.content_type, name, inline=inline)
    vault.prove(sha)
    found = StreamingHttpResponse(vault.pieces(sha), content_type=row.content_type)
    found.headers["Content-Length"] = str(row.size)
    return _sent(found, row.content_type, name, inline=inline)


def answer(data: bytes, content_type: str, name: str, *, inline: bool = False) -> HttpResponse:
    """Bytes made just now as a download (or shown in place); kept by no cache on the way."""
    return _sent(HttpResponse(data, content_type=content_type), content_type, name, inline=inline)


def _sent(found: Answer, content_type: str, name: str, *, inline: bool) -> Answer:
    shown = inline and content_type in SHOWN
    found.headers["Content-Disposition"] = content_disposition_header(not shown, name) or "attachment"
    found.headers["Cache-Control"] = "private, no-store"
    return found
