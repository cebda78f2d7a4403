"""PDF files of ours: how many pages they have, said in the ledger and checked against what was asked for; and joined.

The library keeps state of its own between its calls: two threads in it at once break each other, whatever files they have.
A web process has several.
"""

import io
import threading
from collections.abc import Sequence

import pypdfium2

_alone = threading.Lock()


def page_count(pdf: bytes) -> int:
    with _alone:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return len(document)
        finally:
            document.close()


def joined(pdfs: Sequence[bytes]) -> bytes:
    """All of them one after another in one file."""
    with _alone:
        whole = pypdfium2.PdfDocument.new()
        try:
            for pdf in pdfs:
                part = pypdfium2.PdfDocument(pdf)
                whole.import_pages(part)
                part.close()
            buffer = io.BytesIO()
            whole.save(buffer)
        finally:
            whole.close()
    return buffer.getvalue()


def page_texts(pdf: bytes) -> list[str]:
    """What a reader of the file would find on each page."""
    with _alone:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return [_text(page) for page in document]
        finally:
            document.close()


def _text(page: pypdfium2.PdfPage) -> str:
    words = page.get_textpage()
    try:
        return str(words.get_text_bounded())
    finally:
        words.close()
        page.close()
