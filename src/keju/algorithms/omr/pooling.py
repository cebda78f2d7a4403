"""Many images read by several processes: the same readings in the same order as one after another.

Processes are spawned, never forked: the caller may hold threads and a database connection.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

import cv2

from keju.algorithms.omr.layout import CardLayout, card_layout
from keju.algorithms.omr.reading import CardReading, read_card

Reader = Callable[[Sequence[bytes], CardLayout], list[CardReading]]
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
POOL_FROM = 8  # fewer images are read sooner than processes start


@contextmanager
def reading_pool(processes: int = 2) -> Iterator[Reader]:
    """A reader over `processes` processes of one thread each, for any number of calls while it is open."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))  # inherited by the children, before they load numpy
    pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_alone)
    try:

        def read(images: Sequence[bytes], layout: CardLayout) -> list[CardReading]:
            shape = (layout.questions, layout.options, layout.ticket_digits)
            if card_layout(*shape) != layout:
                raise ValueError("a layout that card_layout does not give cannot be sent to another process")
            share = max(1, min(8, len(images) // processes))
            return list(pool.map(_read, images, [shape] * len(images), chunksize=share))

        yield read
    finally:
        pool.shutdown(cancel_futures=True)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def read_many(images: Sequence[bytes], layout: CardLayout, processes: int = 2) -> list[CardReading]:
    """`read_card` of every image, in order; by `processes` processes where that is sooner."""
    if processes < 2 or len(images) < POOL_FROM:
        return [read_card(data, layout) for data in images]
    with reading_pool(processes) as read:
        return read(images, layout)


def _alone() -> None:
    cv2.setNumThreads(1)


def _read(data: bytes, shape: tuple[int, str, int]) -> CardReading:
    return read_card(data, card_layout(*shape))
