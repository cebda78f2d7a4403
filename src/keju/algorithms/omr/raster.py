"""PDF pages as grey images."""

from collections.abc import Iterator

import numpy as np
import pypdfium2
from numpy.typing import NDArray

GreyImage = NDArray[np.uint8]


def rasterise(pdf: bytes, *, dpi: int = 200) -> Iterator[GreyImage]:
    """Every page in order as an own 8-bit grey array (height, width); one page in memory at a time."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        for page in document:
            bitmap = page.render(scale=dpi / 72, grayscale=True)
            yield np.array(bitmap.to_numpy(), dtype=np.uint8).reshape(bitmap.height, bitmap.width)
            bitmap.close()
            page.close()
    finally:
        document.close()
