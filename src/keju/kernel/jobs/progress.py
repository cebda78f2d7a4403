"""How long work tells what it does, and hears that it should stop."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from keju.rulebook.words import Words

EVERY = 0.5
MAX_ERRORS = 200


class Cancelled(Exception):
    """Somebody asked for it to stop: what was committed stays, the rest was not begun."""


class Board(Protocol):
    """Where the state is shown. Returns True where somebody asked to stop."""

    def show(self, changes: Mapping[str, Any]) -> bool: ...


class Progress:
    """Counts of one run. `total` is set when known; `step` after each part of the work that is committed."""

    def __init__(self, board: Board, clock: Callable[[], float] = time.monotonic) -> None:
        self._board = board
        self._clock = clock
        self._shown = -EVERY
        self.total = 0
        self.done = 0
        self.skipped = 0
        self.errors: list[dict[str, str]] = []
        self.error_count = 0
        self.words: Words | None = None
        self.result = ""

    def begin(self, total: int) -> None:
        """`total` pieces lie ahead; counts start from nothing."""
        self.total, self.done, self.skipped = total, 0, 0
        self._show(now=True)

    def step(self, n: int = 1, *, skipped: int = 0) -> None:
        """`n` more are done and `skipped` were left out with a reason. Raises `Cancelled` if asked to stop.

        Call it between transactions: a `Cancelled` inside one rolls it back.
        """
        self.done += n
        self.skipped += skipped
        self._show(now=False)

    def error(self, where: object, words: Words) -> None:
        """This piece could not be done, and why. The first 200 are kept, all are counted."""
        self.error_count += 1
        if len(self.errors) < MAX_ERRORS:
            self.errors.append({"where": str(where), "zh": words.zh, "en": words.en})

    def note(self, words: Words) -> None:
        """What is being done now, or was found out."""
        self.words = words
        self._show(now=True)

    def file(self, sha: str) -> None:
        """The result: a file stored by `files.services.store`, to be downloaded by whoever started the job."""
        self.result = sha

    def facts(self) -> dict[str, Any]:
        """The columns of the job's row as they stand now."""
        return {
            "done": self.done,
            "total": self.total,
            "skipped": self.skipped,
            "errors": self.errors,
            "error_count": self.error_count,
            "note_zh": self.words.zh[:500] if self.words else "",
            "note_en": self.words.en[:500] if self.words else "",
            "result": self.result,
        }

    def _show(self, *, now: bool) -> None:
        if not now and self._clock() - self._shown < EVERY:
            return
        self._shown = self._clock()
        if self._board.show(self.facts()):
            raise Cancelled
