"""Nobody both edits registrations and moves money: in no role, in no two roles at once, by no service (V8.1–V8.3, V5.4)."""

from datetime import date
from itertools import combinations

import pytest
from django.core.exceptions import ValidationError

from keju.kernel.accounts import services as accounts
from keju.kernel.accounts.permissions import CANDIDATE_PERMISSIONS, ROLES
from keju.kernel.accounts.separation import EDITS_REGISTRATIONS, MOVES_MONEY, conflicts
from keju.kernel.audit import NotPermitted
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office
from keju.stages.fees import services as money
from keju.stages.fees.tests.world import AFTER, MADE, SYSTEM, make_world
from keju.stages.review import services as review

MOVING = [
    money.import_statement,
    money.match_line,
    money.propose_batch,
    money.release_batch,
    money.drop_batch,
    money.batch_file,
    money.record_bounce,
    money.remit,
    money.receive_remittance,
    money.issue_fiscal_receipt,
]
EDITING = [review.decide_first, review.decide_second, review.set_batch]


def test_no_role_does_both() -> None:
    assert [role for role in ROLES if conflicts([role])] == []
    assert not CANDIDATE_PERMISSIONS & (EDITS_REGISTRATIONS | MOVES_MONEY)
    pairs = {pair for pair in combinations(sorted(ROLES), 2) if conflicts(pair)}
    assert ("point_clerk", "region_finance") in pairs
    assert ("region_finance", "region_officer") in pairs
    assert not any("centre_exam" in pair for pair in pairs)


@pytest.mark.parametrize("service", MOVING)
def test_every_service_that_moves_money_asks_for_a_right_that_no_editor_has(service) -> None:
    assert service.permission in MOVES_MONEY
    editors = [r for r in ROLES.values() if r.permissions & EDITS_REGISTRATIONS]
    assert editors
    for role in editors:
        by = Actor("person:1", "", role.code, "", "/", 1, permissions=frozenset(map(str, role.permissions)))
        with pytest.raises(NotPermitted):
            service(by=by, at=AFTER)


@pytest.mark.parametrize("service", EDITING)
def test_every_service_that_edits_registrations_asks_for_a_right_that_no_mover_has(service) -> None:
    assert service.permission in EDITS_REGISTRATIONS
    for role in (r for r in ROLES.values() if r.permissions & MOVES_MONEY):
        by = Actor("person:1", "", role.code, "", "/", 1, permissions=frozenset(map(str, role.permissions)))
        with pytest.raises(NotPermitted):
            service(by=by, at=AFTER)


def test_nobody_is_given_both_at_once_but_one_after_the_other(db: None) -> None:
    make_world(1, money=False)
    region, point = office("13"), office("1301")
    with acting(SYSTEM):
        person = accounts.add_person(
            name="王五", username="wang", password="a long enough phrase", office=region, by=SYSTEM, at=MADE
        )
        facts = {"person": person, "by": SYSTEM, "at": MADE}
        year = {"starts_on": date(2011, 1, 1), "ends_on": date(2011, 12, 31)}
        accounts.post(office=region, role="region_finance", exam_slug="vet-2011", **year, **facts)
        for slug in ("vet-2011", ""):
            with pytest.raises(ValidationError, match="不同的人"):
                accounts.post(office=point, role="point_clerk", exam_slug=slug, **year, **facts)
        accounts.post(office=point, role="point_clerk", exam_slug="other-2011", **year, **facts)
        accounts.post(
            office=region, role="region_officer", exam_slug="vet-2011", starts_on=date(2012, 1, 1), **facts
        )
