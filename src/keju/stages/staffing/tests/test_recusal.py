"""Declaring, being found, being decided about (V2.9, P1.2, V10.2.6)."""

import io
from datetime import date
from functools import cache

import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from keju.algorithms.identity import compose, mask
from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Receipt
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.staffing import events
from keju.stages.staffing.models import (
    Accountability,
    Appointment,
    Decision,
    Declaration,
    Hit,
    Member,
    Relative,
)
from keju.stages.staffing.queries import recusal as queries
from keju.stages.staffing.readiness.recusal import free_of_recusal
from keju.stages.staffing.rules.recusal import ENDED, MISTAKEN, WITHDRAWN, NewDeclaration, NewRelative
from keju.stages.staffing.services import recusal as services
from keju.stages.staffing.tests import crowd
from keju.stages.venues.tests.year import AT, SYSTEM, make_exam, staff

WIFE = compose("110101", date(1985, 3, 4), 2)
POINT, ABOVE = staff("point_manager", "1301"), staff("region_leader", "13")


@pytest.fixture
def exam(db: None) -> Exam:
    return make_exam("1301", "1302", "1101")


@pytest.fixture
def member(exam: Exam) -> Member:
    with acting(SYSTEM):
        (row,) = crowd.members(1, first=900)
        return row


def new(member: Member, *relatives: NewRelative, **facts: object) -> NewDeclaration:
    given = {"nobody": not relatives, "pledge": True} | facts
    return NewDeclaration(member.pk, relatives=relatives, **given)  # type: ignore[arg-type]


def wife(number: str = WIFE) -> NewRelative:
    return NewRelative("spouse", "王丽", number)


@cache
def signed() -> bytes:
    """The scan of a signed paper, as good as blank."""
    buffer = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(buffer, "PNG")
    return buffer.getvalue()


def declare(exam: Exam, *rows: NewDeclaration, by: Actor = POINT, scan: bytes | None = None) -> list[int]:
    with acting(by):
        paper = signed() if scan is None else scan
        return services.declare(exam=exam, declarations=rows, scan=paper, by=by, at=AT)


def hit(exam: Exam) -> Hit:
    with acting(SYSTEM):
        return Hit.objects.get(exam=exam)


def decide(
    exam: Exam, row: Hit, *, by: Actor = ABOVE, uphold: bool = False, cause: str = "", reason: str = "已核实"
) -> None:
    with acting(by):
        services.decide_hit(
            exam=exam,
            hit_id=row.pk,
            version=row.version,
            uphold=uphold,
            cause=cause,
            reason=reason,
            by=by,
            at=AT,
        )


def codes(refused: pytest.ExceptionInfo[RuleRefused]) -> list[str]:
    return [r.code for r in refused.value.refusals]


def recorded(kind: str) -> list[Event]:
    with acting(SYSTEM):
        return list(Event.objects.filter(kind=kind).order_by("id"))


def caught(exam: Exam, member: Member) -> Hit:
    """The member's wife is registered, and both are declared and appointed."""
    with acting(SYSTEM):
        crowd.appoint(exam, member.pk)
        crowd.register(exam, [WIFE])
    declare(exam, new(member, wife()))
    return hit(exam)


@pytest.mark.rule("V2.9", "P1.2")
def test_a_declaration_is_kept_sealed_signed_and_numbered(exam: Exam, member: Member) -> None:
    declare(exam, new(member))
    declare(exam, new(member, wife()))
    with acting(SYSTEM):
        first, second = Declaration.objects.filter(member=member).order_by("number")
        relative = Relative.objects.get(declaration=second)
    assert (first.number, first.nobody, second.number, second.nobody) == (1, True, 2, False)
    assert (len(second.scan), len(second.statement), relative.name, relative.identity) == (
        64,
        64,
        "王丽",
        WIFE,
    )
    said = recorded(events.DECLARED)
    assert [e.rules for e in said] == [["P1.2", "V10.2.6", "V2.9"]] * 2
    assert not any(clear in str(e.data) for e in said for clear in (WIFE, "王丽"))


@pytest.mark.rule("V2.9", "P1.2", "V10.2.6")
@pytest.mark.parametrize(
    ("facts", "relatives", "code"),
    [
        ({"nobody": False}, [], "recusal_unsaid"),
        ({"nobody": True}, [wife()], "recusal_both"),
        ({"pledge": False}, [], "recusal_unsigned"),
        ({}, [wife(WIFE[:-1] + ("1" if WIFE[-1] != "1" else "2"))], "recusal_number"),
        ({}, [wife(), wife()], "recusal_twice"),
        ({}, [NewRelative("cousin", "王丽", WIFE)], "recusal_relation"),
        ({}, [NewRelative("spouse", " ", WIFE)], "recusal_name"),
        ({}, [NewRelative("spouse", "王丽", "x", document_kind="none")], "recusal_number"),
        ({}, [wife()] * 41, "recusal_too_many"),
    ],
)
def test_what_says_nothing_certain_is_refused(exam, member, facts, relatives, code: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        declare(exam, new(member, *relatives, **facts))
    assert code in codes(refused)
    with acting(SYSTEM):
        assert not Declaration.objects.exists()


def test_without_the_signed_paper_an_office_declares_for_nobody(exam: Exam, member: Member) -> None:
    with pytest.raises(RuleRefused) as refused:
        declare(exam, new(member), scan=b"")
    assert codes(refused) == ["recusal_no_scan"]
    with pytest.raises(ValidationError):
        declare(exam, new(member), scan=b"no picture")


def test_relatives_are_the_home_office_s_alone(exam: Exam, member: Member) -> None:
    with pytest.raises(NotPermitted):
        declare(exam, new(member), by=staff("point_manager", "1302"))
    declare(exam, new(member, wife()))
    with acting(SYSTEM):
        crowd.appoint(exam, member.pk, code="1302-01", path="/13/1302/01/")
    elsewhere = staff("point_manager", "1302")
    with acting(elsewhere):
        assert [d.relatives for d in queries.declarations(exam, member.pk)] == [()]
    with acting(POINT):
        (declared,) = queries.declarations(exam, member.pk)
    assert [(r.name, r.identity_masked) for r in declared.relatives] == [("王丽", mask(WIFE))]


def test_behind_a_link_one_declares_for_oneself_alone(exam: Exam, member: Member) -> None:
    said = new(member)
    stranger = Actor("person:0", "某人", "member", person_id=0)
    own = Actor(f"person:{member.person_id}", "某人", "member", person_id=member.person_id)
    with pytest.raises(NotPermitted), acting(stranger):
        services.declare_in_person(exam=exam, declaration=said, by=stranger, at=AT)
    with acting(own):
        services.declare_in_person(exam=exam, declaration=said, by=own, at=AT)
    with acting(SYSTEM):
        assert Declaration.objects.get(member=member).made_by == own.ref


@pytest.mark.rule("V2.9", "P1.2", "V10.2.6")
def test_a_relative_among_the_candidates_bars_is_recorded_and_told(exam: Exam, member: Member) -> None:
    row = caught(exam, member)
    assert (row.state, row.relation, row.member_id) == ("open", "spouse", member.pk)
    (event,) = recorded(events.HIT_FOUND)
    assert (event.subject, event.office_path) == (f"recusal:{row.pk}", crowd.HOME)
    with acting(SYSTEM):
        assert queries.blocked_members(exam) == {member.pk}
        assert Appointment.objects.filter(queries.barred(exam)).count() == 1
        (told,) = Receipt.objects.filter(notice__kind="recusal")
    assert told.office_code == "13"


@pytest.mark.rule("V2.9")
def test_a_candidate_who_comes_later_bars_at_once_and_is_told_within_the_minute(exam, member) -> None:
    declare(exam, new(member, wife()))
    with acting(SYSTEM):
        crowd.appoint(exam, member.pk)
        crowd.register(exam, [WIFE])
        assert queries.blocked_members(exam) == {member.pk}
    assert recorded(events.HIT_FOUND) == []
    with acting(SYSTEM):
        assert services.keep_recusal(exam=exam, by=SYSTEM, at=AT) == 1
        assert services.keep_recusal(exam=exam, by=SYSTEM, at=AT) == 0
    assert len(recorded(events.HIT_FOUND)) == 1


@pytest.mark.rule("V2.9")
def test_who_holds_no_post_is_not_reported(exam: Exam, member: Member) -> None:
    declare(exam, new(member, wife()))
    with acting(SYSTEM):
        crowd.register(exam, [WIFE])
        assert services.keep_recusal(exam=exam, by=SYSTEM, at=AT) == 0
        crowd.appoint(exam, member.pk)
        assert services.keep_recusal(exam=exam, by=SYSTEM, at=AT) == 1


@pytest.mark.rule("V2.7")
def test_the_sector_bars_from_posts_that_are_closed_to_it_alone(exam: Exam, member: Member) -> None:
    with acting(SYSTEM):
        crowd.appoint(exam, member.pk)
        crowd.appoint(exam, member.pk, post="liaison", room=None)
        assert not Appointment.objects.filter(queries.barred(exam)).exists()
        Member.objects.filter(pk=member.pk).update(in_sector=True)
        assert [a.post for a in Appointment.objects.filter(queries.barred(exam))] == ["invigilator"]


@pytest.mark.rule("V2.9", "P1.2")
def test_somebody_above_decides_and_says_why(exam: Exam, member: Member) -> None:
    row = caught(exam, member)
    with pytest.raises(RuleRefused) as refused:
        decide(exam, row, by=staff("point_leader", "1301"), cause=MISTAKEN)
    assert codes(refused) == ["recusal_not_above"]
    with pytest.raises(NotPermitted):
        decide(exam, row, by=staff("region_leader", "11"), cause=MISTAKEN)
    with pytest.raises(NotPermitted):
        decide(exam, row, by=staff("region_officer", "13"), cause=MISTAKEN)
    for facts, code in (
        ({"cause": MISTAKEN, "reason": " "}, "recusal_no_reason"),
        ({"cause": "fine"}, "recusal_no_cause"),
        ({"cause": ENDED}, "recusal_not_ended"),
        ({"cause": WITHDRAWN}, "recusal_still_sits"),
    ):
        with pytest.raises(RuleRefused) as refused:
            decide(exam, row, **facts)
        assert codes(refused) == [code]
    decide(exam, row, uphold=True)
    with acting(SYSTEM):
        assert queries.blocked_members(exam) == {member.pk}
    with pytest.raises(Stale):
        decide(exam, row, cause=MISTAKEN)
    decide(exam, hit(exam), cause=MISTAKEN)
    with acting(SYSTEM):
        assert queries.blocked_members(exam) == set()
        assert list(Decision.objects.order_by("pk").values_list("upheld", "cause")) == [
            (True, ""),
            (False, MISTAKEN),
        ]
    assert sorted(e.data["upheld"] for e in recorded(events.HIT_DECIDED)) == [False, True]
    with pytest.raises(Stale):
        decide(exam, hit(exam), uphold=True)


@pytest.mark.rule("V2.9")
def test_what_was_released_comes_back_when_the_facts_change(exam: Exam, member: Member) -> None:
    row = caught(exam, member)
    with acting(SYSTEM):
        crowd.end(exam, member.pk)
    decide(exam, row, cause=ENDED)
    with acting(SYSTEM):
        crowd.appoint(exam, member.pk, room=2)
        assert services.keep_recusal(exam=exam, by=SYSTEM, at=AT) == 1
    again = hit(exam)
    assert (again.state, again.cause) == ("open", "")
    assert again.version > row.version
    with acting(SYSTEM):
        crowd.run("UPDATE registration_registration SET state = 'withdrawn'")
    decide(exam, again, cause=WITHDRAWN)
    with acting(SYSTEM):
        crowd.register(exam, [WIFE])
        assert queries.blocked_members(exam) == {member.pk}


@pytest.mark.rule("V2.9", "P1.2")
def test_the_board_is_red_while_somebody_barred_holds_a_post_and_amber_before_declaring(exam, member) -> None:
    def board() -> set[tuple[str, str]]:
        with acting(POINT):
            return {(r.rule, str(r.state)) for r in free_of_recusal(exam, "/13/1301/", AT)}

    assert board() == set()
    with acting(SYSTEM):
        crowd.appoint(exam, member.pk)
    assert board() == {("V2.9", "amber")}
    declare(exam, new(member))
    assert board() == {("V2.9", "green")}
    with acting(SYSTEM):
        crowd.register(exam, [WIFE])
    declare(exam, new(member, wife()))
    assert board() == {("V2.9", "red")}


def test_nobody_decides_their_own_case(exam: Exam, member: Member) -> None:
    row = caught(exam, member)
    own = Actor(
        "person:x",
        "x",
        "region_leader",
        "13",
        "/13/",
        person_id=member.person_id,
        permissions=ABOVE.permissions,
    )
    with pytest.raises(RuleRefused) as refused:
        decide(exam, row, by=own, cause=MISTAKEN)
    assert codes(refused) == ["recusal_own_case"]


def test_a_candidate_of_elsewhere_is_not_shown(exam: Exam, member: Member) -> None:
    with acting(SYSTEM):
        crowd.appoint(exam, member.pk)
        crowd.register(exam, [WIFE], point="1101")
    declare(exam, new(member, wife()))
    with acting(ABOVE):
        (row,) = queries.hits(viewer=ABOVE, exam=exam)
    assert (row.candidate, row.sits, row.posts) == (None, True, (("invigilator", "1301-01"),))


@pytest.mark.rule("V2.9")
def test_a_full_recheck_finds_what_nobody_had_found(exam: Exam, member: Member) -> None:
    declare(exam, new(member, wife()))
    with acting(SYSTEM):
        crowd.appoint(exam, member.pk)
        crowd.register(exam, [WIFE])
        crowd.run("DELETE FROM staffing_recusal_hit")
    with acting(POINT):
        assert services.recheck(exam=exam, by=POINT, at=AT) == 1
        assert services.recheck(exam=exam, by=POINT, at=AT) == 0
    assert sorted(e.data["found"] for e in recorded(events.RECHECKED)) == [0, 1]


@pytest.mark.rule("P3.1")
def test_a_member_is_held_to_account_by_a_leader(exam: Exam, member: Member) -> None:
    def hold(by: Actor, rule: str = "V2.9", what: str = "隐瞒亲属报名") -> int:
        with acting(by):
            return services.hold_to_account(
                exam=exam, member_id=member.pk, rule=rule, what=what, measure="取消资格", by=by, at=AT
            )

    with pytest.raises(RuleRefused) as refused:
        hold(ABOVE, rule="Z9", what="")
    assert codes(refused) == ["accountability_rule", "accountability_what"]
    with pytest.raises(NotPermitted):
        hold(staff("region_leader", "11"))
    pk = hold(ABOVE)
    with acting(SYSTEM):
        assert Accountability.objects.get(pk=pk).measure == "取消资格"
    assert recorded(events.HELD_TO_ACCOUNT)[0].rules == ["P3.1", "P6.2", "V2.9"]
