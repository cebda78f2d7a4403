"""The account of papers: it closes, and where it does not it says which container and when it was last right."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from keju.kernel.exams.models import Exam
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.stages.custody import services
from keju.stages.custody.models import Confirmation, Container
from keju.stages.custody.queries import closure
from keju.stages.custody.queries.quantities import lines_of
from keju.stages.custody.readiness.closure import closed
from keju.stages.custody.rules.cases import CaseKind, Sort
from keju.stages.custody.rules.chain import Act, Change, Counts
from keju.stages.custody.rules.closure import Sums, Verdict, verdict
from keju.stages.custody.rules.quantities import Line
from keju.stages.custody.services import cases
from keju.stages.custody.services.cases import NewCase
from keju.stages.custody.tests.screens import text, url
from keju.stages.custody.tests.world import CENTRE_PAPERS, MADE_AT, REGION_PAPERS, key, papers

LATER = MADE_AT + timedelta(hours=1)


def opened(exam: Exam, made: list[Container]) -> Container:
    """The first bag, taken out of its box and cut open at the printing house."""
    bag, box = (next(c for c in made if c.kind == kind) for kind in ("bag", "box"))
    here = Change(parent_id=None, place="printing_house", place_path="/", custodian="centre")
    steps: list[tuple[Act, dict[int, Change]]] = [
        (Act.OPENED, {box.pk: Change(seal="")}),
        (Act.UNPACKED, {bag.pk: here}),
        (Act.OPENED, {bag.pk: Change(seal="")}),
    ]
    for n, (act, changes) in enumerate(steps):
        do(exam, act, changes, n)
    return bag


def do(exam: Exam, act: Act, changes: dict[int, Change], minutes: int) -> None:
    with acting(CENTRE_PAPERS):
        services.carry_out(
            exam=exam, key=key(f"{act}{minutes}"), act=act, changes=changes, office_path="/13/", by=CENTRE_PAPERS,
            at=LATER + timedelta(minutes=minutes),
        )  # fmt: skip


@pytest.mark.rule("V11.2.2", "V16.2.1")
def test_the_account_closes_at_every_level_and_names_what_is_missing(exam: Exam) -> None:
    made = papers(exam)
    verdicts = {}
    for path in ("/", "/13/", "/13/1301/", "/13/1301/01/"):
        with acting(CENTRE_PAPERS):
            found = closure.lines(exam, path, viewer=CENTRE_PAPERS)
        assert {line.verdict for line in found} == {Verdict.CLOSED}
        verdicts[path] = sum(line.sums.printed for line in found)
        ordered = {line.sums.ordered == line.sums.printed for line in found}
        assert ordered == ({False} if path == "/13/1301/01/" else {True})
    assert set(verdicts.values()) == {74 + 74 + 20}
    bag = opened(exam, made)
    do(exam, Act.COUNTED, {bag.pk: Change(counts=Counts(used=bag.copies - 2, missing=2))}, 9)
    with acting(REGION_PAPERS):
        wrong = [x for x in closure.lines(exam, "/13/", viewer=REGION_PAPERS) if x.verdict is Verdict.WRONG]
        assert [(x.child, x.kind, x.sums.counts.missing) for x in wrong] == [("1301", "bag", 2)]
        (lacking,) = closure.differences(exam, "/13/", viewer=REGION_PAPERS)
        assert (lacking.code, lacking.missing, lacking.right_act, lacking.right_place) == (
            bag.code, 2, "opened", "printing_house",
        )  # fmt: skip
        (row,) = closed(exam, "/13/", LATER)
        assert (row.state, row.office_path, row.lacking) == ("red", "/13/1301/", 1)
        new = NewCase(key("lost"), CaseKind.INCIDENT, Sort.MISSING, "缺两份", [bag.pk])
        (case,) = cases.report(exam=exam, found=[new], by=REGION_PAPERS, at=LATER + timedelta(hours=1))
        for path in ("/13/", "/13/1301/", "/13/1301/01/"):
            lines = closure.lines(exam, path, viewer=REGION_PAPERS)
            assert {x.verdict for x in lines} == {Verdict.CLOSED, Verdict.UNDER_WAY}
        (row,) = closed(exam, "/13/", LATER)
        assert row.state == "amber"
        (said,) = closure.cases(exam, "/13/1301/")
        assert (said.container_id, said.sheets, said.args) == (bag.pk, 2, {"case_id": case.pk})
        assert closure.cases(exam, "/14/") == []
    region = Client()
    signed_in(region, "13", "region_custody")
    assert url("case", case_id=case.pk) in region.get(url("closure")).content.decode()


def test_the_last_place_where_the_count_was_right_is_that_before_the_last_lack(exam: Exam) -> None:
    """What was missing, found, and is missing again was last right when it was found."""
    bag = opened(exam, papers(exam))
    for minutes, missing in ((9, 2), (10, 0), (11, 1), (12, 3)):
        counts = Counts(used=bag.copies - missing, missing=missing)
        do(exam, Act.COUNTED, {bag.pk: Change(counts=counts)}, minutes)
    with acting(REGION_PAPERS):
        (lacking,) = closure.differences(exam, "/13/", viewer=REGION_PAPERS)
    found = [LATER + timedelta(minutes=m) for m in (10, 11)]
    assert (lacking.missing, lacking.right_at, lacking.found_at) == (3, *found)


@pytest.mark.rule("V9.1")
def test_fewer_than_was_ordered_does_not_add_up(exam: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    papers(exam)

    def one_more(row: Confirmation) -> list[Line]:
        first, *rest = lines_of(row)
        return [replace(first, copies=first.copies + 1), *rest]

    monkeypatch.setattr(closure, "lines_of", one_more)
    with acting(REGION_PAPERS):
        wrong = [x for x in closure.lines(exam, "/13/", viewer=REGION_PAPERS) if x.verdict is Verdict.WRONG]
    assert [(x.kind, (x.sums.ordered or 0) - x.sums.printed) for x in wrong] == [("bag", 1), ("card_bag", 1)]


def test_the_page_goes_down_to_rooms_and_exports_what_it_shows(exam: Exam) -> None:
    made = papers(exam)
    bag = opened(exam, made)
    do(exam, Act.COUNTED, {bag.pk: Change(counts=Counts(inside=bag.copies - 1, missing=1))}, 9)
    region = Client()
    signed_in(region, "13", "region_custody")
    shown = text(region.get(url("closure")))
    assert "不符" in shown and bag.code in shown and "启封 · 印刷厂" in shown
    assert "第1考场" in text(region.get(url("closure-of", office="1301-01"), {"session": "1"}))
    assert region.get(url("closure-of", office="23")).status_code == 404
    assert region.get(url("closure-export", office="13"), {"kind": "bag"}).status_code == 200


COUNTS = st.builds(Counts, *[st.integers(0, 3)] * 7)


@pytest.mark.rule("V11.2.2", "V16.2.1")
@given(st.lists(st.tuples(COUNTS, st.integers(0, 3)), min_size=1, max_size=5))
def test_sums_of_what_closes_close_and_nothing_hides_in_them(parts: list[tuple[Counts, int]]) -> None:
    sums = [Sums(c.total, c.total, c, min(n, c.missing)) for c, n in parts]
    whole = sums[0]
    for one in sums[1:]:
        whole = whole + one
    lost = sum(s.counts.missing - s.in_cases for s in sums)
    assert (verdict(whole) is Verdict.WRONG) == (lost > 0)
    assert whole.printed == whole.counts.total
