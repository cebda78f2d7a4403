"""How many pages a PDF has: said in the ledger, and checked against what was asked for."""

import pypdfium2


def page_count(pdf: bytes) -> int:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return len(document)
    finally:
        document.close()
