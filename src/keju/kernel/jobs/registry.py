"""The kinds of long work, by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from keju.rulebook.words import Words, t

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Kind:
    name: str
    title: Words
    run: Callable[..., Any]


_kinds: dict[str, Kind] = {}


def job(name: str, title: Words | None = None) -> Callable[[F], F]:
    """Register `fn(progress, *, by, at, exam, **args)` as the work of this name.

    The function decides its own transactions (`with acting(by): …`, several where the work is long), is safe to run
    again from the start after a crash, reports with `progress.step(n)`, and raises for "this failed": house
    errors are shown in their own words, anything else as a calm sentence.
    """

    def register(fn: F) -> F:
        known = _kinds.get(name)
        if known is not None and (known.run.__module__, known.run.__qualname__) != (
            fn.__module__,
            fn.__qualname__,
        ):
            raise ValueError(f"two jobs are called {name}")
        _kinds[name] = Kind(name, title or t(name, name), fn)
        return fn

    return register


def kind(name: str) -> Kind:
    """`KeyError` if no installed stage offers it."""
    return _kinds[name]


def title(name: str) -> Words:
    found = _kinds.get(name)
    return found.title if found else t(name, name)
