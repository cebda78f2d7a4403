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
    with transaction.atomic():
        before = _set(wanted)
        yield
        # On an exception the savepoint's rollback restores them.
        _set(before)


def _set(values: tuple[str, ...]) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join(f"coalesce(current_setting('{name}', true), '')" for name in SETTINGS)
        )
        before = cursor.fetchone()
        cursor.execute(
            "SELECT " + ", ".join(f"set_config('{name}', %s, true)" for name in SETTINGS), list(values)
        )
    return tuple(before)
