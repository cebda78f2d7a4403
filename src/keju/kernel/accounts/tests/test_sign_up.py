"""Who may take over an account that came on paper."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from keju.algorithms.identity import compose
from keju.kernel.accounts.models import Candidate
from keju.kernel.accounts.permissions import ROLES, Permission
from keju.kernel.accounts.services import (
    NewCandidate,
    add_person,
    candidates,
    end_posting,
    ensure_candidates,
    post,
    sign_up,
)
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office
from keju.kernel.offices.services import load_tree

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


def test_the_second_of_two_clicks_is_told_so_and_nothing_breaks(db: None) -> None:
    person = NewCandidate(NUMBER, "李明", "13800000000")
    with acting(SYSTEM):
        candidates._opened(person, "!", AT)
        with pytest.raises(ValidationError):
            candidates._opened(person, "!", AT)  # looked up before the first one was there
        assert Candidate.objects.count() == 1


def test_a_role_is_not_prolonged_into_what_must_be_apart(db: None) -> None:
    day = date(2011, 6, 1)
    with acting(SYSTEM):
        load_tree(by=SYSTEM, at=AT)
        region = office("13")
        person = add_person(
            name="甲", username="somebody", password="long enough", office=region, by=SYSTEM, at=AT
        )
        facts = {"person": person, "office": region, "by": SYSTEM, "at": AT}
        reviewing = post(role="region_officer", starts_on=day, ends_on=day, **facts)
        post(role="region_finance", starts_on=day + timedelta(days=1), **facts)
        with pytest.raises(ValidationError):
            end_posting(posting_id=reviewing.pk, ends_on=day + timedelta(days=9), by=SYSTEM, at=AT)
        with pytest.raises(ValidationError):
            add_person(
                name="乙", username="somebody", password="long enough", office=region, by=SYSTEM, at=AT
            )
