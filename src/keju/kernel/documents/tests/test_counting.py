"""Pages are counted by one thread at a time."""

import io
import threading
import time

import pypdfium2
from PIL import Image

from keju.kernel.documents.counting import joined, page_count


def test_two_threads_are_never_in_the_pdf_library_at_once(monkeypatch):
    busy, overlaps = threading.Lock(), []
    true = pypdfium2.PdfDocument.__len__

    def pages(document):
        overlaps.append(not busy.acquire(blocking=False))
        time.sleep(0.02)
        if not overlaps[-1]:
            busy.release()
        return true(document)

    with Image.new("RGB", (30, 40)) as image:
        buffer = io.BytesIO()
        image.save(buffer, "PDF")
    monkeypatch.setattr(pypdfium2.PdfDocument, "__len__", pages)
    counted = []
    threads = [
        threading.Thread(target=lambda: counted.append(page_count(buffer.getvalue()))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (counted, any(overlaps)) == ([1] * 4, False)
    assert page_count(joined([buffer.getvalue()] * 3)) == 3
