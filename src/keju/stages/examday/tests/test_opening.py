"""The gate on the morning: a red must keeps a site closed, and only the region's leader lets it pass, for ever seen."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from keju.kernel.accounts.models import Person
from keju.kernel.accounts.services import issue_signing_codes
from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.jobs.tests.office import signed_in
from keju.kernel.offices import Actor, acting
from keju.kernel.readiness import MUST, RED, Gate, Row, provides
from keju.kernel.readiness import registry as registered
from keju.kernel.readiness.boards import board
from keju.kernel.readiness.gates import closed, gate, obstacles
from keju.kernel.readiness.models import Override
from keju.kernel.readiness.services import override
from keju.kernel.readiness.showing import Filters
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.examday import queries, services
from keju.stages.examday.models import SiteOpening
from keju.stages.examday.tests.world import (
    DAY,
    SYSTEM,
    assign_hosts,
    let_pass,
    make_exam,
    officer,
    seat_people,
)
from keju.stages.venues.models import Room

pytestmark = pytest.mark.django_db
SITE, PATH = "1101-01", "/11/1101/01/"
MANAGER = officer("point_manager", "1101")


@pytest.fixture
def exam() -> Exam:
    """Hosts are decided; the site has no spare room, no rest room, no seal room, and nobody looked at it."""
    exam = make_exam()
    seat_people(exam, opened=False)
    assign_hosts(exam)
    return exam


@pytest.fixture
def leader(exam: Exam) -> tuple[Actor, list[str]]:
    with acting(SYSTEM):
        person = Person.objects.create(name="张厅长", office_path="/11/")
        codes = issue_signing_codes(person_id=person.pk, count=4, by=SYSTEM, at=DAY)
    return replace(officer("region_leader", "11"), ref=f"person:{person.pk}", person_id=person.pk), codes


def red(exam: Exam) -> dict[str, int]:
    with acting(SYSTEM):
        return {o.rule: o.lacking for o in closed(obstacles(exam, [PATH], Gate.EXAM, DAY)[PATH])}


def passed(
    exam: Exam, who: tuple[Actor, list[str]], *clauses: str, reason: str = "洪水，来不及", **more: object
) -> list[Override]:
    seen = more.pop("seen", sum(red(exam).get(c, 0) for c in clauses))
    code = more.pop("code", None) or who[1].pop(0)
    with acting(who[0]):
        return override(
            exam=exam, site_code=SITE, clauses=clauses, seen=seen, reason=reason, code=code, by=who[0], at=DAY
        )  # type: ignore[arg-type]


def open_site(exam: Exam, by: Actor = MANAGER, at=DAY) -> int:
    with acting(by):
        return services.open_sites(exam=exam, site_codes=[SITE], by=by, at=at)


def add_rooms(exam: Exam, *kinds: str) -> None:
    with acting(SYSTEM):
        site = Room.objects.filter(exam=exam, office_path=PATH).first().site
        for number, kind in enumerate(kinds, 50):
            Room.objects.create(
                exam=exam, site=site, office_path=PATH, number=number, building="A", floor=1, columns=5, rows=6,
                gap_cm=80, kind=kind,
            )  # fmt: skip


@pytest.mark.rule("V14.2", "V14.5", "V15.3.3")
def test_a_red_must_keeps_the_site_closed_and_says_what_is_missing_and_who_mends_it(exam: Exam) -> None:
    with pytest.raises(RuleRefused) as refused:
        open_site(exam)
    said = {r.rule: str(r.words(exams.programme(exam))) for r in refused.value.refusals}
    assert {"V14.2", "V11.2.3", "V14.5"} <= set(said)
    assert "备用考场" in said["V14.2"] and "考点考务" in said["V14.2"] and SITE in said["V14.2"]
    with acting(MANAGER), pytest.raises(RuleRefused) as no_room:
        services.open_rooms(exam=exam, session_number=1, by=MANAGER, at=DAY)
    assert {r.code for r in no_room.value.refusals} == {"examday_site_closed"}
    before = red(exam)
    add_rooms(exam, "spare", "rest", "seal")
    assert set(before) - set(red(exam)) == {"V14.2", "V11.2.3"}  # mended at once, on the board as at the gate


def test_what_was_let_pass_holds_for_its_days_and_not_longer(
    exam: Exam, leader: tuple[Actor, list[str]]
) -> None:
    assert passed(exam, leader, "V14.2")

    def stands(days: int) -> bool:
        with acting(SYSTEM):
            at = DAY + timedelta(days=days)
            return "V14.2" in {o.rule for o in closed(obstacles(exam, [PATH], Gate.EXAM, at)[PATH])}

    assert [stands(days) for days in (0, 6, 7)] == [False, False, True]


@pytest.mark.rule("V14.2")
def test_the_leader_lets_pass_what_may_be_and_it_stays_on_the_board(
    exam: Exam, leader: tuple[Actor, list[str]]
) -> None:
    for role in ("region_officer", "point_leader"):
        other = officer(role, "11" if role == "region_officer" else "1101")
        with acting(other), pytest.raises(NotPermitted):
            override(
                exam=exam, site_code=SITE, clauses=["V14.2"], seen=2, reason="x", code="x", by=other, at=DAY
            )
    assert passed(exam, leader, "V14.2", code="01-WRONG1") == [] and not override_events()
    rest = [rule for rule in red(exam) if rule != "V14.2"]
    leader = rested(leader)
    (one,) = passed(exam, leader, "V14.2")
    assert one.proof.person_id == leader[0].person_id and "备用考场" in one.missing_zh
    assert [e.rules for e in override_events()] == [["V14.2"]]
    assert sorted(red(exam)) == sorted(rest)
    passed(exam, leader, *rest)
    assert open_site(exam) == 1 and open_site(exam) == 0
    with acting(MANAGER):
        assert set(SiteOpening.objects.get().overridden) == {"V14.2", *rest}
        assert services.open_rooms(exam=exam, session_number=1, by=MANAGER, at=DAY) == 2
    with acting(MANAGER):
        found = board(viewer=MANAGER, exam=exam, code=SITE, at=DAY, filters=Filters())
    assert {o.rule for o in found.overrides} == {"V14.2", *rest}
    (line,) = [line for _, lines in found.groups for line in lines if line.clause.id == "V14.2"]
    assert line.state == "red" and line.places[0].overridden  # let pass is not mended


def override_events() -> list[Event]:
    with acting(SYSTEM):
        return list(Event.objects.filter(kind="readiness.gate.overridden"))


def rested(leader: tuple[Actor, list[str]]) -> tuple[Actor, list[str]]:
    """A wrong code makes the next one wait; a new sheet does not."""
    with acting(SYSTEM):
        codes = issue_signing_codes(person_id=leader[0].person_id or 0, count=4, by=SYSTEM, at=DAY)
    return leader[0], codes


@pytest.mark.rule("V14.2")
def test_what_is_lacking_more_afterwards_is_not_covered(exam: Exam, leader: tuple[Actor, list[str]]) -> None:
    add_rooms(exam, "rest")
    passed(exam, leader, "V14.2")
    assert "V14.2" not in red(exam)
    with acting(SYSTEM):
        Room.objects.filter(exam=exam, kind="rest").delete()
    assert red(exam)["V14.2"] == 2


@pytest.mark.rule("V14.5")
def test_in_a_real_exam_only_what_the_programme_allows(exam: Exam, leader: tuple[Actor, list[str]]) -> None:
    Exam.objects.filter(pk=exam.pk).update(is_rehearsal=False)
    exam.refresh_from_db()
    with pytest.raises(RuleRefused) as refused:
        passed(exam, leader, "V14.5", "V14.2")
    assert {(r.rule, r.code) for r in refused.value.refusals} == {("V14.5", "readiness_not_overridable")}
    for clauses, reason, code in (
        (["V1.1"], "x", "readiness_not_red"),
        ([], "x", "readiness_nothing_chosen"),
        (["V14.2"], " ", "readiness_no_reason"),
        (["V14.2"], "x" * 501, "readiness_reason_long"),
    ):
        with pytest.raises(RuleRefused) as refused:
            passed(exam, leader, *clauses, reason=reason, code="01-AAAAAA")
        assert code in {r.code for r in refused.value.refusals}
    with pytest.raises(Stale):
        passed(exam, leader, "V14.2", seen=9, code="01-AAAAAA")


def test_who_opens_what_and_when(exam: Exam) -> None:
    with pytest.raises(RuleRefused) as early:
        open_site(exam, at=DAY - timedelta(days=1))
    assert {r.code for r in early.value.refusals} == {"examday_too_early"}
    with pytest.raises(NotPermitted):
        open_site(exam, by=officer("point_manager", "1301"))
    with pytest.raises(NotPermitted):
        open_site(exam, by=officer("region_officer", "11"))
    with acting(MANAGER), pytest.raises(RuleRefused) as unused:
        services.open_sites(exam=exam, site_codes=["1101-02"], by=MANAGER, at=DAY)
    assert {r.code for r in unused.value.refusals} == {"examday_site_unused"}


def test_openings_and_overrides_never_change(exam: Exam) -> None:
    let_pass(exam, SITE, list(red(exam)), sum(red(exam).values()))
    open_site(exam)
    for statement in (
        "DELETE FROM examday_site",
        "UPDATE readiness_override SET reason = 'y'",
        "DELETE FROM readiness_override",
    ):
        with (
            pytest.raises(DatabaseError),
            acting(SYSTEM),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    elsewhere = officer("point_manager", "1301")
    with acting(elsewhere):
        assert not SiteOpening.objects.exists() and not Override.objects.exists()
        assert set(queries.closed_sites(viewer=elsewhere, exam=exam, at=DAY)) == {"1301-01"}


def test_the_gate_is_what_the_board_shows(exam: Exam) -> None:
    with acting(SYSTEM):
        found = board(
            viewer=SYSTEM, exam=exam, code="11", at=DAY, filters=Filters(state="red", strength="must")
        )
        shown = {line.clause.id for _, lines in found.groups for line in lines}
        assert {r.rule for r in gate(exam, PATH, Gate.EXAM, DAY)} == shown == set(red(exam))


@pytest.mark.rule("V14.2", "V15.3.3")
def test_on_the_pages_the_leader_lets_pass_and_the_manager_opens(exam: Exam) -> None:
    home, at = reverse("examday-home", args=[exam.slug]), reverse("readiness-office", args=[exam.slug, SITE])
    manager, leader = Client(), Client()
    signed_in(manager, "1101", "point_manager")
    signed_in(leader, "11", "region_leader")
    page = manager.get(home).content.decode()
    assert (
        "V14.2" in page
        and "备用考场" in page
        and reverse("examday-open-site", args=[exam.slug, SITE]) not in page
    )
    override_page = reverse("readiness-override", args=[exam.slug, SITE])
    assert manager.get(override_page).status_code == 403
    assert override_page in leader.get(at).content.decode()
    form = leader.get(override_page).content.decode()
    asked = dict(re.findall(r'name="seen-([^"]+)" value="(\d+)"', form))
    sent = {f"seen-{rule}": n for rule, n in asked.items()} | {"rules": list(asked), "reason": "洪水"}
    wrong = leader.post(override_page, sent | {"code": "000000"})
    assert wrong.status_code == 422 and "不对" in wrong.content.decode()
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    token = totp(TOTPDevice.objects.get(user__username="region_leader-11").bin_key)
    assert leader.post(override_page, sent | {"code": f"{token:06d}"}).status_code == 302
    board_page = leader.get(at).content.decode()
    assert "特批放行记录" in board_page and "洪水" in board_page
    opening = reverse("examday-open-site", args=[exam.slug, SITE])
    assert opening in manager.get(home).content.decode()
    assert manager.post(opening).status_code == 302
    assert "考试地点还没有开放" not in manager.get(home).content.decode()


@pytest.mark.rule("V14.2")
def test_an_override_is_for_what_was_missing_and_not_for_as_much_of_something_else(
    exam: Exam, leader: tuple[Actor, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = [Row(PATH, RED, t("缺主考1人", "chief: 1 missing"), lacking=1)]
    monkeypatch.setattr(registered, "_providers", {})
    provides("V14.2", strength=MUST)(lambda exam, path, at: iter(shown))
    passed(exam, leader, "V14.2")
    assert red(exam) == {}
    shown[0] = Row(PATH, RED, t("缺副主考1人", "deputy: 1 missing"), lacking=1)
    assert red(exam) == {"V14.2": 1}
