"""A program of its own, which may die of what it reads: a PDF on its standard input, the side in pixels as its argument.

It answers with the number of pages on a line, then with the first page as a small JPEG. `pdfs` runs it.
"""

import io
import resource
import sys

import pypdfium2

SECONDS = 5
BYTES = 768 * 1024 * 1024
QUALITY = 75


def main(side: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    print(len(document), flush=True)  # said first: it counts even if the page cannot be drawn
    page = document[0]
    drawn = page.render(scale=side / max(*page.get_size(), 1), may_draw_forms=False).to_pil().convert("RGB")
    drawn.thumbnail((side, side))
    buffer = io.BytesIO()
    drawn.save(buffer, "JPEG", quality=QUALITY)
    sys.stdout.buffer.write(buffer.getvalue())


if __name__ == "__main__":
    main(int(sys.argv[1]))
