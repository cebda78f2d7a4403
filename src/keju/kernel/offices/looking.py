"""One look: what several askers ask alike is asked of the database once, and forgotten with the look."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from keju.kernel.offices.scope import standing

P = ParamSpec("P")
R = TypeVar("R")
_look: ContextVar[dict[object, Any] | None] = ContextVar("keju_look", default=None)


@contextmanager
def look() -> Iterator[None]:
    """What `once_a_look` asks is asked once inside, and forgotten at the end of the outermost. Only for reading."""
    if _look.get() is not None:
        yield
        return
    token = _look.set({})
    try:
        yield
    finally:
        _look.reset(token)


def once_a_look(fn: Callable[P, R]) -> Callable[P, R]:
    """A query that several ask with the same arguments: within one look it answers once a scope; outside it is itself.

    Its answer has to follow from its arguments and the scope (`acting`), and is not to be changed by who gets it.
    """

    return _kept(fn, standing)


def once_for_all(fn: Callable[P, R]) -> Callable[P, R]:
    """As `once_a_look`, of facts that every scope sees alike: within one look it answers once, whoever asks."""
    return _kept(fn, lambda: None)


def _kept(fn: Callable[P, R], scope: Callable[[], object]) -> Callable[P, R]:
    @wraps(fn)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        known = _look.get()
        if known is None:
            return fn(*args, **kwargs)
        key = (fn, scope(), args, tuple(sorted(kwargs.items())))
        if key not in known:
            known[key] = fn(*args, **kwargs)
        return known[key]  # type: ignore[no-any-return]

    return run
