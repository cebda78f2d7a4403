"""An exam is set up, offices open, a region is deferred: services and pages."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from keju.kernel.accounts.models import Person
from keju.kernel.accounts.services import post
from keju.kernel.audit import NotPermitted
from keju.kernel.audit.models import Event
from keju.kernel.calendar import CHINA, now
from keju.kernel.exams.clearing import NewClearance, clear
from keju.kernel.exams.models import Exam, Opening
from keju.kernel.exams.queries import milestones, opening, openings, programme
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.kernel.offices.queries import office
from keju.kernel.offices.services import load_tree
from keju.rulebook import RuleRefused
from keju.stages.announcement import queries, services
from keju.stages.announcement.services import NewOpening
from keju.stages.announcement.tests.test_announcement import AT, BEIJING, DAY, SYSTEM, WINDOWS, actor

CENTRE = actor(5, "centre_exam", "centre", "/")


@pytest.fixture
def tree(db: None) -> None:
    office.cache_clear()
    with acting(SYSTEM):
        load_tree(by=SYSTEM, at=AT)


def found(**changes: object) -> Exam:
    facts = {
        "programme": "veterinarian",
        "year": 2011,
        "exam_day": DAY,
        "rules_as_of": date(2011, 6, 1),
        "is_rehearsal": False,
    }
    with acting(CENTRE):
        return services.found_exam(**{**facts, **changes}, by=CENTRE, at=AT)  # type: ignore[arg-type]


def opened(exam: Exam, by: object, *offices: NewOpening) -> int:
    with acting(by):  # type: ignore[arg-type]
        return services.open_offices(exam=exam, openings=offices, by=by, at=AT)  # type: ignore[arg-type]


def test_an_exam_is_founded_with_its_first_and_last_moment(tree: None) -> None:
    exam = found()
    sessions = list(exam.sessions.order_by("number"))
    known = milestones(exam)
    assert exam.slug == "veterinarian-2011"
    assert known["exam_day"] == sessions[0].starts_at
    assert known["exam_ends"] == sessions[-1].ends_at > known["exam_day"]
    due = queries.publishing_due(exam)
    assert due is not None and due.date() == date(2011, 7, 16)


def test_one_exam_a_year_in_earnest_but_rehearsals_without_end(tree: None) -> None:
    found()
    with pytest.raises(ValidationError):
        found()
    slugs = [found(is_rehearsal=True).slug for _ in range(2)]
    assert slugs == ["veterinarian-2011-rehearsal-1", "veterinarian-2011-rehearsal-2"]


@pytest.mark.parametrize(
    "changes",
    [
        {"programme": "alchemist"},
        {"year": 2012},
        {"exam_day": AT.date()},
        {"rules_as_of": date(1900, 1, 1)},
    ],
)
def test_an_exam_that_makes_no_sense_is_refused_and_leaves_nothing(
    tree: None, changes: dict[str, object]
) -> None:
    with pytest.raises(ValidationError):
        found(**changes)
    assert not Exam.objects.exists()


def test_only_the_centre_sets_up_an_exam(tree: None) -> None:
    with acting(BEIJING), pytest.raises(NotPermitted):
        services.found_exam(
            programme="veterinarian",
            year=2011,
            exam_day=DAY,
            rules_as_of=DAY,
            is_rehearsal=True,
            by=BEIJING,
            at=AT,
        )


@pytest.mark.rule("V1.4", "V1.6")
def test_the_centre_opens_regions_and_a_region_its_points(tree: None) -> None:
    exam = found()
    assert opened(exam, CENTRE, NewOpening("11", "王一"), NewOpening("12")) == 2
    assert opened(exam, CENTRE, NewOpening("12", "李二", "张", "010-1")) == 0
    assert opened(exam, BEIJING, NewOpening("1101", "赵三")) == 1
    assert [(o.office_id, o.leader) for o in openings(exam)] == [
        ("11", "王一"),
        ("1101", "赵三"),
        ("12", "李二"),
    ]
    with acting(SYSTEM):
        said = [
            e.data["new"]
            for e in Event.objects.filter(kind="announcement.offices.opened").order_by("at", "id")
        ]
    assert sorted(map(tuple, said)) == [(), ("11", "12"), ("1101",)]


def trained_reviewer(exam: Exam, region: str) -> None:
    """Somebody of the region who decides about registrations and has passed every module."""
    with acting(SYSTEM):
        person = Person.objects.create(name="钱五", office_path=f"/{region}/")
        post(
            person=person,
            office=office(region),
            role="region_officer",
            starts_on=date(2011, 1, 1),
            by=SYSTEM,
            at=AT,
        )
        modules = programme(exam).teaching.modules
        clear(
            exam=exam,
            passed=[NewClearance(person.pk, f"/{region}/", m.code, "test") for m in modules],
            by=SYSTEM,
            at=AT,
        )


@pytest.mark.rule("V1.4", "V1.6")
def test_nobody_without_a_leader_once_registration_has_its_dates(tree: None) -> None:
    exam = found()
    opened(exam, CENTRE, NewOpening("11", "王一"))
    opened(exam, BEIJING, NewOpening("1101"))
    with acting(BEIJING), pytest.raises(RuleRefused) as refused:
        services.set_windows(exam=exam, region_code="11", **WINDOWS, by=BEIJING, at=AT)
    assert [r.rule for r in refused.value.refusals] == ["V1.6"]
    opened(exam, BEIJING, NewOpening("1101", "赵三"))
    trained_reviewer(exam, "11")
    with acting(BEIJING):
        services.set_windows(exam=exam, region_code="11", **WINDOWS, by=BEIJING, at=AT)
    for by, code, clause in ((CENTRE, "11", "V1.4"), (BEIJING, "1101", "V1.6")):
        with pytest.raises(RuleRefused) as refused:
            opened(exam, by, NewOpening(code, "  "))
        assert [r.rule for r in refused.value.refusals] == [clause]
    assert opening(exam, "1101").leader == "赵三"  # type: ignore[union-attr]
    # Another region has no dates yet: its leader may follow.
    assert opened(exam, CENTRE, NewOpening("12")) == 1


@pytest.mark.rule("V1.5")
@pytest.mark.parametrize("code", ["12", "1201", "11", "centre", "99"])
def test_a_region_opens_only_points_of_its_own(tree: None, code: str) -> None:
    exam = found()
    with pytest.raises(NotPermitted) as refused:
        opened(exam, BEIJING, NewOpening("1101", "赵三"), NewOpening(code, "王一"))
    assert refused.value.hidden
    assert not Opening.objects.exists()


def test_a_point_waits_for_its_region(tree: None) -> None:
    exam = found()
    with pytest.raises(ValidationError):
        opened(exam, BEIJING, NewOpening("1101", "赵三"))


def test_what_is_missing_is_named(tree: None) -> None:
    exam = found()
    opened(exam, CENTRE, NewOpening("11", "王一", "李", "010-1"), NewOpening("12"))
    rows = {s.office.code: s for s in queries.below(exam, viewer=CENTRE)}
    assert len(rows) == 31
    assert [w.en for w in rows["11"].missing] == ["registration periods"]
    assert [w.en for w in rows["12"].missing] == ["leader", "contact", "telephone", "registration periods"]
    assert rows["13"].opening is None and rows["13"].points == 11 and not rows["13"].missing
    assert {s.office.code for s in queries.below(exam, viewer=BEIJING)} == {"1101"}


def test_only_a_region_that_takes_part_is_deferred(tree: None) -> None:
    exam = found()
    opened(exam, CENTRE, NewOpening("11", "王一"))
    with acting(CENTRE):
        services.defer_region(exam=exam, region_code="11", reason="洪水，农考函〔2011〕9号", by=CENTRE, at=AT)
        for code in ("12", "1101"):
            with pytest.raises(Opening.DoesNotExist):
                services.defer_region(exam=exam, region_code=code, reason="洪水", by=CENTRE, at=AT)
        with pytest.raises(ValidationError):
            services.defer_region(exam=exam, region_code="11", reason=" ", by=CENTRE, at=AT)
    assert opening(exam, "11").deferred_reason.startswith("洪水")  # type: ignore[union-attr]


@pytest.fixture
def centre(tree: None) -> Client:
    client = Client()
    signed_in(client, "centre", "centre_exam")
    return client


def test_the_year_begins_in_the_browser(centre: Client) -> None:
    day = now().date() + timedelta(days=200)
    day = day if day.year == (day + timedelta(days=2)).year else day - timedelta(days=10)
    answer = centre.post(
        "/office/exams/new/",
        {"programme": "veterinarian", "exam_day": day, "rules_as_of": now().date(), "is_rehearsal": "no"},
    )
    assert answer.status_code == 302
    exam = Exam.objects.get()
    assert (exam.year, exam.is_rehearsal, exam.clock_shift) == (day.year, False, timedelta())
    url = answer.url  # type: ignore[attr-defined]
    assert url == f"/office/{exam.slug}/announcement/offices/"
    none = centre.post(url, {"some": "1"})
    assert none.status_code == 200 and not openings(exam)
    assert centre.post(url, {"some": "1", "11-chosen": "on", "11-leader": "王一"}).status_code == 302
    assert [o.leader for o in openings(exam)] == ["王一"]
    bad = centre.post(url, {"all": "1", "12-phone": "零一零"})
    assert bad.status_code == 422 and openings(exam).count() == 1
    assert centre.post(url, {"all": "1"}).status_code == 302
    assert openings(exam, "region").count() == 31
    one = f"{url}12/"
    assert centre.post(one, {"leader": "李二", "contact": "张", "phone": "010-12"}).status_code == 302
    assert "李二" in centre.get(url).content.decode()
    assert centre.post(f"{one}defer/", {"reason": ""}).status_code == 422
    assert centre.post(f"{one}defer/", {"reason": "地震"}).status_code == 302
    assert "地震" in centre.get(url).content.decode()
    assert [centre.get(f"{url}{code}/defer/").status_code for code in ("1201", "centre", "x")] == [
        404,
        404,
        404,
    ]


def test_a_rehearsal_begins_on_the_day_asked_for(centre: Client) -> None:
    facts = {"programme": "veterinarian", "exam_day": DAY, "rules_as_of": AT.date(), "starts_on": AT.date()}
    assert centre.post("/office/exams/new/", {**facts, "is_rehearsal": "no"}).status_code == 422
    assert centre.post("/office/exams/new/", {**facts, "is_rehearsal": "yes"}).status_code == 302
    exam = Exam.objects.get()
    assert now(exam).date() == AT.date()
    assert exam.made_at < datetime(2011, 6, 2, tzinfo=CHINA)


@pytest.mark.rule("V1.5")
def test_a_region_sees_its_own_points_only(centre: Client, tree: None) -> None:
    exam = found(is_rehearsal=True)
    opened(exam, CENTRE, NewOpening("13", "王一"), NewOpening("11", "王二"))
    client = Client()
    signed_in(client, "13", "region_officer")
    url = f"/office/{exam.slug}/announcement/offices/"
    text = client.get(url).content.decode()
    assert "石家庄" in text and "北京" not in text
    assert client.post(url, {"all": "1", "11-chosen": "on"}).status_code == 302
    assert openings(exam, "point").count() == 11
    assert {code: client.get(f"{url}{code}/").status_code for code in ("13", "1301", "11", "1101")} == {
        "13": 200,
        "1301": 200,
        "11": 404,
        "1101": 404,
    }
    assert client.get(f"{url}13/defer/").status_code == 403
    assert client.get("/office/exams/new/").status_code == 403
