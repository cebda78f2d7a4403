"""The scope of a transaction: which rows PostgreSQL lets it see.

`acting(actor)` is the only way into the tenant tables. The settings are local to the transaction, so nothing leaks to the
next user of a pooled connection; with nothing set, every policy yields no row (quality.md, "Tenancy").
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, transaction
from psycopg.pq import TransactionStatus

from keju.kernel.offices.actors import Actor

SETTINGS = ("keju.path", "keju.candidate", "keju.person")
Values = tuple[str, ...]

# What `acting` has set in this thread's transaction; None outside of it, also in a transaction that is not `acting`'s.
_standing: ContextVar[Values | None] = ContextVar("keju_scope", default=None)


def standing() -> Values | None:
    """The scope in force (path, candidate, person); None outside of `acting`."""
    return _standing.get() if connection.in_atomic_block else None


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """One transaction in which exactly the actor's rows are visible. Nests; the outer scope is restored.

    What an inner one wrote stands or falls with the outer: whoever means to go on after an error of the database opens a
    savepoint (`transaction.atomic()`), as everywhere.
    """
    wanted = (
        actor.office_path,
        "" if actor.candidate_id is None else str(actor.candidate_id),
        "" if actor.person_id is None else str(actor.person_id),
    )
    outer = standing()
    if outer is None:
        with _opened(wanted), _known(wanted):
            yield
    elif outer == wanted:
        yield
    else:
        with _changed(outer, wanted), _known(wanted):
            yield


@contextmanager
def _known(values: Values) -> Iterator[None]:
    token = _standing.set(values)
    try:
        yield
    finally:
        _standing.reset(token)


@contextmanager
def _opened(wanted: Values) -> Iterator[None]:
    """A transaction, or a savepoint in one that is not `acting`'s, with the wanted settings."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:  # nothing is set before, and the end of the transaction forgets what is set here
            _set(wanted)
            yield
            return
        before = _swap(wanted)
        yield
        # On an exception the savepoint's rollback restores them.
        _set(before)


@contextmanager
def _changed(outer: Values, wanted: Values) -> Iterator[None]:
    """The wanted settings for a while, in the transaction of an outer `acting`."""
    _set(wanted)
    try:
        yield
    except BaseException:
        # After an error of the database nothing can be set until an outer rollback, which restores the settings too.
        raw = connection.connection
        if raw is not None and raw.info.transaction_status == TransactionStatus.INTRANS:
            _set(outer)
        raise
    _set(outer)


def _swap(values: Values) -> Values:
    """The settings that stood until now; read before the new ones are made, in one statement."""
    read = ", ".join(
        f"coalesce(current_setting('{name}', true), '') AS s{n}" for n, name in enumerate(SETTINGS)
    )
    made = ", ".join(f"set_config('{name}', %s, true)" for name in SETTINGS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH before AS MATERIALIZED (SELECT {read}) SELECT s0, s1, s2, {made} FROM before",  # noqa: S608
            list(values),
        )
        return tuple(cursor.fetchone()[: len(SETTINGS)])


def _set(values: Values) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join(f"set_config('{name}', %s, true)" for name in SETTINGS), list(values)
        )
