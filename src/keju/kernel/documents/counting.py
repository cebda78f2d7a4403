"""PDF files of ours: how many pages they have, said in the ledger and checked against what was asked for; and joined.

The library keeps state of its own between its calls: two threads in it at once break each other, whatever files they have.
A web process has several.
"""

import hashlib
import io
import re
import threading
from collections.abc import Sequence

import pypdfium2

FILE_ID = re.compile(rb"/ID\[<[0-9A-F]{32}><[0-9A-F]{32}>\](?=>>\s+startxref)")
DATE = re.compile(rb"(?<=/CreationDate)\(D:[0-9]{14}")
_alone = threading.Lock()


def page_count(pdf: bytes) -> int:
    with _alone:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return len(document)
        finally:
            document.close()


def joined(pdfs: Sequence[bytes]) -> bytes:
    """All of them one after another in one file; the same files give the same bytes."""
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
    return _settled(buffer.getvalue(), pdfs)


def _settled(whole: bytes, pdfs: Sequence[bytes]) -> bytes:
    """What the library draws by chance or by the clock, from the content instead, at the same length."""
    content = hashlib.md5(usedforsecurity=False)
    for pdf in pdfs:
        content.update(pdf)
    name = content.hexdigest().upper().encode()
    dated = DATE.sub(b"(D:19700101000000", whole, count=1)
    return FILE_ID.sub(b"/ID[<%b><%b>]" % (name, name), dated)


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
