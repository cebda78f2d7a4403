"""A stored file as the answer of a page."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from keju.kernel.files import queries, vault
from keju.kernel.offices import Actor

# What a browser may show in place; anything else is saved, never run.
SHOWN = {"image/jpeg", "image/png", "application/pdf"}


def response(sha: str, viewer: Actor, download_name: str = "", *, inline: bool = False) -> HttpResponse:
    """The file for the viewer, saved under `download_name` (else its own) or, `inline`, shown if that is safe.

    Raises as `queries.read`: what may not be seen does not exist.
    """
    row = queries.row(sha, viewer=viewer)
    data = vault.get(sha)
    return answer(data, row.content_type, download_name or row.name, inline=inline)


def answer(data: bytes, content_type: str, name: str, *, inline: bool = False) -> HttpResponse:
    """Bytes made just now as a download (or shown in place); kept by no cache on the way."""
    shown = inline and content_type in SHOWN
    found = HttpResponse(data, content_type=content_type)
    found.headers["Content-Disposition"] = content_disposition_header(not shown, name) or "attachment"
    found.headers["Cache-Control"] = "private, no-store"
    return found
