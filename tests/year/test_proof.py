"""Every check of the proof fails when its fact is broken, and says which. Each fault is rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, transaction

from keju.web.rehearsal.proof import prove
from keju.web.rehearsal.steps import STEPS

#: what somebody with every right does to one row, and the check that must not hold then
FAULTS = {
    "a second seat's owner": (
        "seating_seat",
        "DELETE FROM seating_seat WHERE id = (SELECT min(id) FROM seating_seat WHERE current)",
        "every confirmed candidate has exactly one seat",
    ),
    "a withdrawal that nobody made": (
        "registration_registration",
        "UPDATE registration_registration SET state = 'withdrawn' WHERE id ="
        " (SELECT min(id) FROM registration_registration)",
        "one registration per person nationwide",
    ),
    "a correction approved in another's name": (
        "review_correction",
        "UPDATE review_correction SET decided_by = 'person:999999' WHERE id = (SELECT min(id) FROM review_correction)",
        "every correction was approved by another person",
    ),
    "an outdated form made good again": (
        "documents_voiding",
        "DELETE FROM documents_voiding WHERE id = (SELECT min(id) FROM documents_voiding)",
        "no print of an outdated form still holds",
    ),
    "a yuan too much": (
        "fees_posting",
        "UPDATE fees_posting SET amount = amount + 1 WHERE ctid = (SELECT min(ctid) FROM fees_posting)",
        "the ledger sums to zero, entry by entry",
    ),
    "a number that is missing": (
        "tickets_ticket",
        "DELETE FROM tickets_ticket WHERE number = (SELECT min(number) FROM tickets_ticket)",
        "ticket numbers unique and gapless from 0001 at every host point",
    ),
    "a ticket for another seat": (
        "tickets_ticket",
        "UPDATE tickets_ticket SET seat = seat + 100 WHERE number = (SELECT min(number) FROM tickets_ticket)",
        "tickets are the seats of the plans in force, whose hashes hold",
    ),
    "an attempt taken off the record": (
        "custody_attempt",
        "DELETE FROM custody_attempt WHERE id = (SELECT min(id) FROM custody_attempt)",
        "every planted attempt was refused and found, and no other",
    ),
    "a score improved": (
        "marking_score",
        "UPDATE marking_score SET points = points + 1 WHERE id = (SELECT min(id) FROM marking_score)",
        "every score recomputed from cards and key equals the stored one",
    ),
    "a score improved, against the paper": (
        "marking_score",
        "UPDATE marking_score SET points = points + 1 WHERE id = (SELECT max(id) FROM marking_score)",
        "every score equals the marks that were put on the card",
    ),
    "a result improved": (
        "results_result",
        "UPDATE results_result SET total = total + 1 WHERE id = (SELECT min(id) FROM results_result)",
        "released results follow from frozen scores and the decided line",
    ),
    "a certificate gone": (
        "certificates_certificate",
        "DELETE FROM certificates_certificate WHERE id = (SELECT min(id) FROM certificates_certificate)",
        "everybody who passed has exactly one valid certificate",
    ),
    "an event deleted": (
        "audit_event",
        "DELETE FROM audit_event WHERE id = (SELECT event_id FROM audit_leaf WHERE index = 7)",
        "the audit log verifies",
    ),
    "an event altered": (
        "audit_event",
        "UPDATE audit_event SET actor = 'person:999' WHERE id ="
        " (SELECT event_id FROM audit_leaf WHERE index = 9)",
        "the audit log verifies",
    ),
}
PAPERS = {
    "tickets": "every page of the print ledger lies in the folder",
    "archive/data/fees": "the archive validates, file by file",
}


def failing(year) -> dict[str, str]:
    """The checks that do not hold now, with their evidence."""
    stages = [step.stage for step in STEPS]
    return {c.words.en: c.evidence for c in prove(year.world, stages) if not c.holds}


@contextmanager
def broken(table: str, fault: str) -> Iterator[None]:
    """Inside, the row is changed with every trigger off; afterwards nothing ever happened."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(fault)
            assert cursor.rowcount == 1
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_named(as_owner, name: str) -> None:
    table, fault, check = FAULTS[name]
    with broken(table, fault):
        assert check in failing(as_owner)


def test_without_a_fault_everything_holds(as_owner) -> None:
    assert failing(as_owner) == {}


@pytest.mark.parametrize("folder", PAPERS)
def test_a_paper_that_went_missing_is_named(year, folder: str) -> None:
    victim = next(path for path in sorted((year.out / folder).rglob("*")) if path.is_file())
    kept: bytes = victim.read_bytes()
    victim.unlink()
    try:
        assert list(failing(year)) == [PAPERS[folder]]
    finally:
        Path(victim).write_bytes(kept)
