"""Telling candidates, and letting the messages out: what each costs at full size.

    python bench/messages.py [CANDIDATES]

Prints the seconds of telling CANDIDATES (100,000 unless said otherwise) in one statement: by the inbox alone as before
the outbox, by the inbox and two channels, and in a rehearsal; then the deliveries per second through a gateway
that takes everything at once, bookkeeping included.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from _season import machine

SENT = 10_000


class Everything:
    """A gateway that takes all."""

    def __init__(self, options: Any) -> None:
        pass

    def send(self, letter: Any) -> str:
        return letter.key


def main(count: int) -> None:
    from keju.web.rehearsal.scratch import scratch

    print(machine())
    with scratch(1):
        from keju.web.cli._common import with_django

        with_django()
        from keju.kernel.calendar import now
        from keju.kernel.offices import Actor, acting

        by = Actor.system("bench")
        with acting(by):
            exam, ids = _world(by, now(), count)
        print(f"\ntelling {count:,} candidates")
        _before(exam, ids, by)
        for label, kind, rehearsal in (
            ("inbox alone", "nothing.named", False),
            ("inbox, text message and e-mail", "results", False),
            ("the same in a rehearsal", "results", True),
        ):
            _told(exam, ids, label, kind, rehearsal, by)
        _sent(count)


def _world(by: Any, at: Any, count: int) -> tuple[Any, list[int]]:
    from keju.kernel.accounts.models import Candidate
    from keju.kernel.accounts.sealed import seal
    from keju.kernel.exams import services as exams
    from keju.kernel.offices.bulk import insert_rows_returning
    from keju.kernel.offices.services import load_tree

    load_tree(by=by, at=at)
    exam = exams.make(
        slug="vet-2011", programme="veterinarian", year=2011, exam_day=date(2011, 10, 16),
        rules_as_of=date(2011, 7, 1), is_rehearsal=False, by=by, at=at,
    )  # fmt: skip
    phone, email = seal("13800138000"), seal("somebody@example.org")
    columns = (
        "identity_index",
        "identity",
        "name",
        "phone",
        "email",
        "language",
        "document_kind",
        "country",
        "made_at",
    )
    rows = (
        (n.to_bytes(16, "big"), phone, f"考生{n}", phone, email, "zh", "resident", "CHN", at)
        for n in range(count)
    )
    ids = insert_rows_returning(Candidate._meta.db_table, columns, rows)
    return exam, ids


def _told(exam: Any, ids: list[int], label: str, kind: str, rehearsal: bool, by: Any) -> None:
    from keju.kernel.calendar import now
    from keju.kernel.notices import services
    from keju.kernel.offices import acting
    from keju.rulebook.words import t

    exam.is_rehearsal = rehearsal
    with timed(label), acting(by):
        services.tell_candidates(
            exam=exam, candidate_ids=ids, office_path="/", kind=kind,
            words=t("考试成绩已公布，请登录查询。", "The results are out. Sign in to see yours."), by=by, at=now(),
        )  # fmt: skip


def _before(exam: Any, ids: list[int], by: Any) -> None:
    from keju.kernel.calendar import now
    from keju.kernel.offices import acting
    from keju.kernel.offices.bulk import insert_rows

    columns = ("exam_id", "candidate_id", "office_path", "kind", "words_zh", "words_en", "channel", "sent_at")
    with timed("inbox alone, by COPY"), acting(by):
        rows = (
            (
                exam.pk,
                c,
                "/",
                "x",
                "考试成绩已公布，请登录查询。",
                "The results are out. Sign in to see yours.",
                "inbox",
                now(),
            )
            for c in ids
        )
        insert_rows("notices_message", columns, rows)


def _sent(count: int) -> None:
    from django.conf import settings

    from keju.kernel.calendar import now
    from keju.kernel.notices import gateways, sending

    for options in settings.GATEWAYS.values():
        options.update(adapter="bench", per_second=1e6)
    gateways.gateway.cache_clear()
    gateways.BUILT_IN["bench"] = f"{__name__}.Everything"
    wanted = min(count, SENT)
    begun, sent = time.perf_counter(), 0
    while sent < wanted:
        sent += sending.round_of("sms", clock=now)
    taken = time.perf_counter() - begun
    print(f"\nsending {sent:,} of {count:,} waiting text messages\n  {sent / taken:,.0f} a second")


@contextmanager
def timed(label: str) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    print(f"  {label}: {time.perf_counter() - begun:.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
