"""Chapter 3 through the services, against PostgreSQL."""

from datetime import date, datetime, timedelta

import pytest

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.calendar import CHINA
from keju.kernel.duties import services as duties
from keju.kernel.exams import services as exams
from keju.kernel.exams.models import Exam
from keju.kernel.exams.queries import milestones
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office
from keju.kernel.offices.services import load_tree
from keju.rulebook import RuleRefused
from keju.stages.announcement import queries, services
from keju.stages.announcement.models import Notice

AT = datetime(2011, 6, 1, 9, 0, tzinfo=CHINA)
DAY = date(2011, 10, 16)
SYSTEM = Actor.system("test")


def actor(number: int, role: str, code: str, path: str) -> Actor:
    from keju.kernel.accounts.permissions import ROLES

    return Actor(
        ref=f"person:{number}",
        name=role,
        role=role,
        office_code=code,
        office_path=path,
        person_id=number,
        permissions=frozenset(str(p) for p in ROLES[role].permissions),
    )


OFFICE = actor(1, "office_officer", "office", "/")
COMMITTEE = actor(2, "committee_member", "committee", "/")
BEIJING = actor(3, "region_officer", "11", "/11/")


@pytest.fixture
def exam(db: None) -> Exam:
    with acting(SYSTEM):
        load_tree(by=SYSTEM, at=AT)
        exam = exams.make(
            slug="vet-2011",
            programme="veterinarian",
            year=2011,
            exam_day=DAY,
            rules_as_of=date(2011, 6, 1),
            is_rehearsal=True,
            by=SYSTEM,
            at=AT,
        )
        exams.open_office(exam=exam, office=office("11"), leader="王一", by=SYSTEM, at=AT)
        exams.open_office(exam=exam, office=office("12"), by=SYSTEM, at=AT)
        day = datetime(2011, 10, 16, 9, 0, tzinfo=CHINA)
        duties.reach(exam=exam, key="exam_day", when=day, by=SYSTEM, at=AT)
    return exam


def drafted(exam: Exam) -> Notice:
    with acting(OFFICE):
        return services.draft(exam=exam, title_zh="公告", body_zh="正文", by=OFFICE, at=AT)


@pytest.mark.rule("V3.1", "V1.2")
def test_drafted_decided_published_in_time(exam: Exam) -> None:
    notice = drafted(exam)
    with acting(COMMITTEE):
        services.decide(notice_id=notice.pk, approve=True, by=COMMITTEE, at=AT)
    with acting(OFFICE):
        services.publish(notice_id=notice.pk, by=OFFICE, at=AT)
    with acting(Actor.anybody()):
        assert [n.title_zh for n in queries.published(exam)] == ["公告"]
    with acting(SYSTEM):
        found = Event.objects.filter(subject=f"notice:{notice.pk}", kind__startswith="announcement.")
        kinds = set(found.values_list("kind", flat=True))
    assert kinds == {
        "announcement.notice.drafted",
        "announcement.notice.decided",
        "announcement.notice.published",
    }
    assert milestones(exam)["announced"] == AT


@pytest.mark.rule("V3.1")
def test_late_publication_needs_the_committees_exception(exam: Exam) -> None:
    late = datetime(2011, 8, 1, 9, 0, tzinfo=CHINA)
    first = drafted(exam)
    with acting(COMMITTEE):
        services.decide(notice_id=first.pk, approve=True, by=COMMITTEE, at=late)
    with acting(OFFICE), pytest.raises(RuleRefused) as refused:
        services.publish(notice_id=first.pk, by=OFFICE, at=late)
    assert [r.rule for r in refused.value.refusals] == ["V3.1"]
    second = drafted(exam)
    with acting(COMMITTEE):
        services.decide(notice_id=second.pk, approve=True, exception_reason="洪水", by=COMMITTEE, at=late)
    with acting(OFFICE):
        assert services.publish(notice_id=second.pk, by=OFFICE, at=late).state == "published"


@pytest.mark.rule("V1.1", "V1.2")
def test_only_the_committee_decides_and_only_the_office_drafts(exam: Exam) -> None:
    notice = drafted(exam)
    with acting(OFFICE), pytest.raises(NotPermitted):
        services.decide(notice_id=notice.pk, approve=True, by=OFFICE, at=AT)
    with acting(COMMITTEE), pytest.raises(NotPermitted):
        services.draft(exam=exam, title_zh="x", body_zh="x", by=COMMITTEE, at=AT)
    with acting(OFFICE), pytest.raises(RuleRefused):
        services.publish(notice_id=notice.pk, by=OFFICE, at=AT)


def test_the_second_decision_is_stale(exam: Exam) -> None:
    notice = drafted(exam)
    with acting(COMMITTEE):
        services.decide(notice_id=notice.pk, approve=True, by=COMMITTEE, at=AT)
        with pytest.raises(Stale):
            services.decide(notice_id=notice.pk, approve=False, by=COMMITTEE, at=AT)


def test_a_draft_is_not_public(exam: Exam) -> None:
    drafted(exam)
    with acting(Actor.anybody()):
        assert not Notice.objects.exists()
    with acting(BEIJING):
        assert not Notice.objects.exists()


WINDOWS = {
    "registration_opens": AT + timedelta(days=20),
    "registration_closes": AT + timedelta(days=40),
    "confirmation_opens": AT + timedelta(days=30),
    "confirmation_ends": AT + timedelta(days=50),
}


@pytest.mark.rule("V3.3")
def test_a_region_sets_its_own_windows(exam: Exam) -> None:
    with acting(BEIJING):
        services.set_windows(exam=exam, region_code="11", **WINDOWS, by=BEIJING, at=AT)
    assert queries.windows(exam, "/11/1101/").registration_opens == WINDOWS["registration_opens"]
    assert queries.windows(exam, "/12/").registration_opens is None
    with acting(BEIJING), pytest.raises(NotPermitted):
        services.set_windows(exam=exam, region_code="12", **WINDOWS, by=BEIJING, at=AT)


@pytest.mark.rule("V1.4")
def test_a_region_without_a_leader_cannot_open(exam: Exam) -> None:
    tianjin = actor(4, "region_officer", "12", "/12/")
    with acting(tianjin), pytest.raises(RuleRefused) as refused:
        services.set_windows(exam=exam, region_code="12", **WINDOWS, by=tianjin, at=AT)
    assert refused.value.refusals[0].rule == "V1.4"


@pytest.mark.rule("V3.3")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"registration_closes": AT}, "announcement_registration_empty"),
        ({"confirmation_ends": AT + timedelta(days=29)}, "announcement_confirmation_empty"),
        ({"confirmation_opens": AT}, "announcement_confirmation_early"),
        ({"confirmation_ends": AT + timedelta(days=35)}, "announcement_confirmation_before_close"),
        ({"confirmation_ends": AT + timedelta(days=300)}, "announcement_after_exam"),
    ],
)
def test_windows_that_make_no_sense_are_refused(exam: Exam, change: dict[str, datetime], code: str) -> None:
    with acting(BEIJING), pytest.raises(RuleRefused) as refused:
        services.set_windows(exam=exam, region_code="11", **{**WINDOWS, **change}, by=BEIJING, at=AT)
    assert code in {r.code for r in refused.value.refusals}
