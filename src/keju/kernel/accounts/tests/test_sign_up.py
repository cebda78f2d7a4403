"""Who may take over an account that came on paper."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError

from keju.algorithms.identity import compose
from keju.kernel.accounts.permissions import ROLES, Permission
from keju.kernel.accounts.services import NewCandidate, ensure_candidates, sign_up
from keju.kernel.offices import Actor, acting

AT = datetime(2011, 6, 1, tzinfo=UTC)
SYSTEM = Actor.system("test")
NUMBER = compose("110101", date(1985, 3, 4), 7)


def take(name: str, phone: str) -> None:
    with acting(SYSTEM):
        sign_up(person=NewCandidate(NUMBER, name, phone), password="long enough", by=SYSTEM, at=AT)


@pytest.fixture
def on_paper(db: None) -> None:
    with acting(SYSTEM):
        ensure_candidates(people=[NewCandidate(NUMBER, "李明", "13800000000")], by=SYSTEM, at=AT)


@pytest.mark.parametrize(("name", "phone"), [("王强", "13800000000"), ("李明", "13900000000")])
def test_a_stranger_does_not_take_over_a_paper_registration(on_paper: None, name: str, phone: str) -> None:
    with pytest.raises(ValidationError):
        take(name, phone)


def test_its_owner_does_and_only_once(on_paper: None) -> None:
    take("李明", "13800000000")
    with pytest.raises(ValidationError):
        take("李明", "13800000000")


def test_no_role_both_edits_registrations_and_moves_money_nor_scores_and_administers() -> None:
    edits = {Permission.REGISTRATION_OWN_EDIT, Permission.REGISTRATION_IMPORT_RUN}
    refunds = {Permission.FEES_REFUND_EXECUTE}
    scores = {Permission.MARKING_SCORE_RUN, Permission.MARKING_KEY_SET}
    administers = {Permission.ACCOUNTS_PEOPLE_MANAGE}
    for role in ROLES.values():
        held = role.permissions
        assert not (held & edits and held & refunds), role.code
        assert not (held & scores and held & administers), role.code
        assert not {Permission.MARKING_SCORE_FREEZE, Permission.MARKING_SCORE_COUNTERSIGN} <= held, role.code
