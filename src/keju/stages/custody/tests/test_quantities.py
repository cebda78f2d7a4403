"""How many papers are needed where, and the region's stamped word for it."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.utils import DatabaseError
from hypothesis import given
from hypothesis import strategies as st

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.documents.models import Print
from keju.kernel.duties.models import Obligation
from keju.kernel.exams.models import Exam
from keju.kernel.files import scans
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused, load_params
from keju.stages.custody import queries, rules, services
from keju.stages.custody.models import Confirmation
from keju.stages.custody.params import Params
from keju.stages.custody.rules import Bag, Line, Load
from keju.stages.custody.tests.world import CENTRE, DETAILS, REGION, plan, stamped
from keju.stages.venues.tests.year import (
    AT,
    SYSTEM,
    confirmed,
    staff,
)

PARAMS = load_params(Params, programme="veterinarian", as_of=date(2011, 6, 1))
SESSIONS = {"general": (1, 2), "aquatic": (1,)}


@pytest.mark.rule("V9.1")
def test_a_bag_for_every_room_and_session_and_spares_for_every_site() -> None:
    loads = [
        Load("1301-01", 1, "general", 30),
        Load("1301-01", 2, "general", 7),
        Load("1301-01", 3, "aquatic", 5),
        Load("1302-01", 1, "general", 25),
        Load("1302-01", 2, "general", 0),
    ]
    assert rules.bags(loads[:3], SESSIONS) == [
        Bag("1301-01", 1, 1, "general", 30),
        Bag("1301-01", 1, 2, "general", 30),
        Bag("1301-01", 2, 1, "general", 7),
        Bag("1301-01", 2, 2, "general", 7),
        Bag("1301-01", 3, 1, "aquatic", 5),
    ]
    lines = rules.quantities(loads, SESSIONS, PARAMS)
    assert lines == [
        Line("1301-01", 1, "aquatic", 1, 5, 1, 5),
        Line("1301-01", 1, "general", 2, 37, 1, 5),
        Line("1301-01", 2, "general", 2, 37, 1, 5),
        Line("1302-01", 1, "general", 1, 25, 1, 5),
        Line("1302-01", 2, "general", 1, 25, 1, 5),
    ]
    assert rules.totals(lines, "13") == [
        Line("13", 1, "aquatic", 1, 5, 1, 5),
        Line("13", 1, "general", 3, 62, 2, 10),
        Line("13", 2, "general", 3, 62, 2, 10),
    ]


@pytest.mark.rule("V9.1")
@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.integers(1, 9), st.integers(0, 30)),
        max_size=12,
        unique_by=lambda x: x[:2],
    )
)
def test_everybody_has_a_copy_in_every_session(rooms: list[tuple[int, int, int]]) -> None:
    loads = [Load(f"s{site}", room, "general", n) for site, room, n in rooms]
    lines = rules.quantities(loads, SESSIONS, PARAMS)
    for session in (1, 2):
        mine = [line for line in lines if line.session == session]
        assert sum(line.copies for line in mine) == sum(n for _, _, n in rooms)
        assert sum(line.bags for line in mine) == sum(n > 0 for _, _, n in rooms)
        assert all((line.spare_bags, line.spare_copies) == (1, 5) for line in mine)


def confirm(exam: Exam, digest: str, by: Actor = REGION, at: datetime = AT, **facts: Any) -> Confirmation:
    facts = {**DETAILS, "scan": stamped(), **facts}
    with acting(by):
        return services.confirm(exam=exam, region_code="13", digest=digest, **facts, by=by, at=at)


@pytest.mark.rule("V9.1")
def test_a_region_confirms_with_its_stamp_and_the_centre_sees_who_is_missing(exam: Exam) -> None:
    due = AT + timedelta(days=30)
    with acting(CENTRE):
        services.set_due(exam=exam, due=due, by=CENTRE, at=AT)
    digest = plan(exam)
    with acting(REGION):
        lines = queries.quantities(exam, "13", viewer=REGION).lines
        assert [(x.session, x.category, x.bags, x.copies, x.spare_bags, x.spare_copies) for x in lines] == [
            (1, "aquatic", 1, 3, 1, 5), (1, "general", 2, 34, 1, 5),
            (2, "aquatic", 1, 3, 1, 5), (2, "general", 2, 34, 1, 5),
        ]  # fmt: skip
        made = services.print_form(exam=exam, region_code="13", by=REGION, at=AT)
        assert made.pdf.startswith(b"%PDF") and Print.objects.get(kind="paper_quantities")
    with acting(CENTRE):
        assert queries.confirmations(exam, viewer=CENTRE) == {}
        duty = Obligation.objects.get(rule="V9.1", owner_code="13")
        assert (duty.due_at.date(), duty.discharged_at) == (due.date(), None)
    for missing in ("receiver", "address", "phone", "scan"):
        with pytest.raises(RuleRefused) as refused:
            confirm(exam, digest, **{missing: b"" if missing == "scan" else " "})
        assert [r.field for r in refused.value.refusals] == [missing]
    with pytest.raises(ValidationError):
        confirm(exam, digest, scan=b"not a scan")
    with pytest.raises(Stale):
        confirm(exam, "0" * 64)
    row = confirm(exam, digest)
    with acting(CENTRE):
        assert queries.confirmations(exam, viewer=CENTRE)["13"].pk == row.pk
        assert queries.lines_of(row) == lines
        assert queries.scan_of(exam, "13", viewer=CENTRE) == row.scan
        assert Obligation.objects.get(rule="V9.1", owner_code="13").discharged_at == AT
    with acting(SYSTEM):
        event = Event.objects.get(kind="custody.quantities.confirmed")
    assert (event.data["version"], event.data["copies"]) == (1, 94)
    assert confirm(exam, digest, phone="0311-1111111").version == 2


@pytest.mark.rule("V9.1")
def test_without_seats_there_are_no_quantities_and_nobody_confirms_for_others(exam: Exam) -> None:
    with pytest.raises(RuleRefused) as refused:
        confirm(exam, rules.digest([]))
    assert [r.code for r in refused.value.refusals] == ["custody_not_planned"]
    digest = plan(exam)
    for other in (staff("region_officer", "23"), staff("point_manager", "1301"), CENTRE):
        with pytest.raises(NotPermitted):
            confirm(exam, digest, by=other)
    confirm(exam, digest)
    with acting(staff("region_officer", "23")):
        assert Confirmation.objects.count() == 0
    with pytest.raises(DatabaseError), acting(REGION), connection.cursor() as cursor:
        cursor.execute("UPDATE custody_confirmation SET phone = 'x'")


@pytest.mark.rule("V9.1")
def test_seats_planned_anew_while_the_scan_is_read_are_not_confirmed_as_former(
    exam: Exam, eligible: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    digest, read = plan(exam), scans.prepare

    def slowly(data: bytes) -> scans.Scan:
        eligible.extend(confirmed(exam, {("1301", "general"): 1}, first=500))
        assert plan(exam) != digest
        return read(data)

    monkeypatch.setattr(scans, "prepare", slowly)
    with pytest.raises(Stale):
        confirm(exam, digest)
    with acting(REGION):
        assert not Confirmation.objects.exists()
