"""A sheet that the joint count missed is found again: its bag is opened, has it, and is closed; the account closes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from keju.kernel.audit import Stale
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.custody.models import Attempt, Case, Holding, Step
from keju.stages.custody.pages import found_again as page
from keju.stages.custody.queries import closure
from keju.stages.custody.rules.cases import CaseKind, Sort
from keju.stages.custody.rules.closure import Verdict
from keju.stages.custody.rules.containers import Kind
from keju.stages.custody.rules.counting import Counted
from keju.stages.custody.services import cases, found_again
from keju.stages.custody.services.cases import NewCase
from keju.stages.custody.services.found_again import Found, FoundAgain
from keju.stages.custody.services.together import Signatures
from keju.stages.custody.tests import day as days
from keju.stages.custody.tests.day import Day
from keju.stages.custody.tests.world import POINT_PAPERS, REGION_PAPERS, codes_of, key

HALF = timedelta(minutes=30)


@pytest.fixture
def day(exam: Exam) -> Day:
    return days.day(exam)


def short(day: Day) -> tuple[Holding, Case]:
    """Room 2's bag came back with one sheet less and is frozen by the incident about it."""
    days.withdrawn(day)
    days.checked(day)
    for room in (1, 2, 3):
        days.issued(day, room)
    days.opened(day, 1, 2, 3)
    n = days.room_copies_of(day.exam, 2)
    days.counted(day, 2, Counted(n - 1, 0, missing=1), Counted(n, 0), present=n, absent=0)
    bag = next(h for h in days.bags(day.exam) if h.missing)
    new = NewCase(key("short"), CaseKind.INCIDENT, Sort.MISSING, "少一份", [bag.container_id])
    with acting(POINT_PAPERS):
        (row,) = cases.report(exam=day.exam, found=[new], by=POINT_PAPERS, at=days.ends(day.exam) + HALF)
    return bag, row


def instructed(day: Day, row: Case) -> Case:
    given = {"exam": day.exam, "case_id": row.pk, "version": row.version, "instruction": "当面剪封放入"}
    with acting(REGION_PAPERS):
        return cases.instruct(**given, by=REGION_PAPERS, at=days.ends(day.exam) + HALF)


def put(
    day: Day, case: Case, bag: Holding, name: str = "found", *, unsigned: bool = False, **facts: object
) -> Signatures:
    said = FoundAgain(Found(used=1), "第2考场桌下", "", "收卷时掉落", "PS2", "N-77", day.officer, *day.staff)
    said = replace(said, **facts)
    codes = {} if unsigned else day.signed(*dict.fromkeys((said.officer, *said.two)))
    with acting(POINT_PAPERS):
        return found_again.put_back(
            exam=day.exam, key=key(name), case_id=case.pk, container=bag.container.code, said=said, codes=codes,
            by=POINT_PAPERS, at=days.ends(day.exam) + timedelta(hours=1),
        )  # fmt: skip


def refused(day: Day, case: Case, bag: Holding, **facts: object) -> set[str]:
    with acting(POINT_PAPERS), pytest.raises(RuleRefused) as found:
        put(day, case, bag, **facts)
    return codes_of(found)


@pytest.mark.rule("V15.5.2", "V12.5", "V11.3.3")
def test_what_is_found_again_goes_into_its_bag_and_the_account_closes(day: Day) -> None:
    bag, case = short(day)
    assert refused(day, case, bag) == {"found_uninstructed"}
    case = instructed(day, case)
    for facts, code in (
        ({"sheets": Found(used=2)}, "found_too_many"),
        ({"sheets": Found()}, "found_none"),
        ({"second": day.staff[0]}, "found_same_person"),
        ({"first": day.officer}, "found_same_person"),
        ({"first": day.pair(2)[0]}, "found_not_in_force"),
        ({"seal_cut": "PS3"}, "found_other_seal"),
        ({"seal_new": "CS2"}, "custody_seal_used"),
        ({"reason": " "}, "found_no_words"),
        ({"other": bag.container.code}, "found_other_bag"),
    ):
        assert refused(day, case, bag, **facts) == {code}
    cards = next(
        h for h in days.bags(day.exam) if h.container.room == 2 and h.container.kind == Kind.CARD_BAG
    )
    assert "found_no_case" in refused(day, case, cards, seal_cut="CS2")
    with acting(POINT_PAPERS):
        kinds = list(Attempt.objects.order_by("pk").values_list("kind", flat=True))
        assert kinds == ["found_too_many", "same_person", "same_person", "found_too_many"]
    assert put(day, case, bag, unsigned=True).failed == [day.officer, *day.staff]
    with acting(POINT_PAPERS):
        assert Holding.objects.get(pk=bag.pk).missing == 1
    assert put(day, case, bag).is_whole
    with acting(POINT_PAPERS):
        row = Holding.objects.get(pk=bag.pk)
        assert (row.missing, row.used, row.seal, row.frozen) == (0, bag.used + 1, "N-77", True)
        acts = list(Step.objects.filter(container=bag.pk).order_by("number").values_list("act", flat=True))
        assert acts[-5:] == ["released", "opened", "counted", "sealed", "frozen"]
        event = Event.objects.get(kind="custody.found_again")
        assert (event.rules, event.data["used"], event.data["missing"]) == (["V12.5", "V15.5.2"], 1, 0)
        lines = [x for x in closure.lines(day.exam, bag.office_path, viewer=POINT_PAPERS) if x.child == "2"]
        assert {x.verdict for x in lines if x.session == 1 and x.kind == "bag"} == {Verdict.CLOSED}
    steps = len(acts)
    assert put(day, case, bag).is_whole
    for facts in ({"where": "别处"}, {"first": day.head}):
        with pytest.raises(Stale):
            put(day, case, bag, **facts)
    assert refused(day, case, bag, name="another", seal_cut="N-77", seal_new="N-78") == {"found_too_many"}
    with acting(POINT_PAPERS):
        assert Step.objects.filter(container=bag.pk).count() == steps


@pytest.mark.rule("V15.5.2")
def test_it_is_entered_on_its_page_which_the_case_and_the_bag_lead_to(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    bag, case = short(day)
    case, client, exam = instructed(day, case), Client(), day.exam.slug
    monkeypatch.setattr(page, "now", lambda _: days.ends(day.exam) + timedelta(hours=1))
    signed_in(client, "1301", "point_custody")
    to = reverse("custody-case-found", args=[exam, case.pk, bag.container.code])
    case_page = reverse("custody-case", args=[exam, case.pk])
    for leading in (case_page, reverse("custody-container", args=[exam, bag.container.code])):
        assert to in client.get(leading).content.decode()
    assert client.get(to).status_code == 200
    first, second = day.staff
    typed = {
        "key": str(key("page")), "seal_cut": "PS2", "used": 2, "unused": 0, "defective": 0, "where": "第1考场的袋里",
        "other": next(h.container.code for h in days.bags(day.exam) if h.container.room == 1), "reason": "混入别袋",
        "seal_new": "N-77", "officer": day.officer, "first": first, "second": second,
    } | {f"{who}_code": day.code(p) for who, p in (("officer", day.officer), ("first", first), ("second", second))}  # fmt: skip
    assert client.post(to, typed).status_code == 409
    with acting(POINT_PAPERS):
        assert Attempt.objects.get().kind == "found_too_many"
    assert client.post(to, typed | {"used": 1}).status_code == 302
    assert "第1考场的袋里" in client.get(case_page).content.decode()
    with acting(POINT_PAPERS):
        assert Holding.objects.get(pk=bag.pk).missing == 0
        assert Event.objects.get(kind="custody.found_again").data["other"] == typed["other"]
    again = typed | {"used": 1, "container": bag.container.code}
    address = f"/api/v1/custody/{exam}/cases/{case.pk}/found"
    answer = client.post(address, again, content_type="application/json")
    assert (answer.status_code, answer.json()) == (201, {"whole": True, "failed": []})
    assert (
        client.post(address, again | {"used": 0, "unused": 1}, content_type="application/json").status_code
        == 409
    )
