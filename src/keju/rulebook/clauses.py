"""The thread from a clause to the code that honours it: ``@rule("V8.3")``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

#: V8.3, V5.3.1a, P7.2: letter of the document, chapter, parts, and a letter where one item holds two rules
CLAUSE_ID = re.compile(r"[A-Z]{1,4}[0-9]+(?:\.[0-9]+)*[a-z]?")

_registry: dict[str, set[str]] = {}


def rule(*ids: str) -> Callable[[F], F]:
    """Names the clauses that the decorated function is the law of; the function itself is returned unchanged.

    Afterwards ``fn.__rules__`` is the tuple of ids and ``registry()`` knows the function.
    ValueError for something that is no clause id, or for none.
    """
    if not ids:
        raise ValueError("@rule needs at least one clause id")
    for clause in ids:
        if not CLAUSE_ID.fullmatch(clause):
            raise ValueError(f"{clause!r} is no clause id; one looks like V8.3 or V5.3.1a")

    def register(fn: F) -> F:
        for clause in ids:
            _registry.setdefault(clause, set()).add(f"{fn.__module__}.{fn.__qualname__}")
        fn.__rules__ = (*ids, *getattr(fn, "__rules__", ()))  # type: ignore[attr-defined]
        return fn

    return register


def registry() -> Mapping[str, frozenset[str]]:
    """Clause id → qualified names of the functions imported so far that name it."""
    return {clause: frozenset(names) for clause, names in sorted(_registry.items())}
