"""The scope of a transaction: which rows PostgreSQL lets it see.

`acting(actor)` is the only way into the tenant tables. The settings are local to the transaction, so nothing leaks to the
next user of a pooled connection; with nothing set, every policy yields no row (quality.md, "Tenancy").
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from keju.kernel.offices.actors import Actor

SETTINGS = ("keju.path", "keju.candidate", "keju.person")


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """One transaction in which exactly the actor's rows are visible. Nests; the outer scope is restored."""
    wanted = (
        actor.office_path,
        "" if actor.candidate_id is None else str(actor.candidate_id),
        "" if actor.person_id is None else str(actor.person_id),
    )
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


def _swap(values: tuple[str, ...]) -> tuple[str, ...]:
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


def _set(values: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join(f"set_config('{name}', %s, true)" for name in SETTINGS), list(values)
        )
