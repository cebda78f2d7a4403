"""Right after every change: the rows counted in the database are those of somebody who looks at everything one by one."""

import random
from collections import Counter
from datetime import datetime, timedelta

import pytest

from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.kernel.readiness.asking import found
from keju.rulebook import RuleRefused
from keju.stages.venues import queries, rules, services
from keju.stages.venues.models import Site
from keju.stages.venues.params import Params
from keju.stages.venues.rules import NewRoom
from keju.stages.venues.tests.year import AT, SYSTEM, confirmed, decide, make_exam, make_site, staff

pytestmark = pytest.mark.django_db
EVE = datetime(2011, 10, 15, 15, 0, tzinfo=CHINA)
RED = {"late": "red", "soon": "amber", "done": "green", "none": "grey"}
Row = tuple[str, str, int | None, str, int]
"""Clause, path, room, state, how much is lacking."""
WATCHED = {"V14.1", "V14.2", "V14.4", "V14.5", "V14.7.4", "V15.1.2", "V15.1.6", "V11.2.3"}


@pytest.fixture
def exam(settings, tmp_path) -> Exam:
    settings.FILES_ROOT = tmp_path
    made = make_exam("1301", "1302", "1303")
    confirmed(made, {("1301", "general"): 40, ("1302", "general"): 20})
    decide(made, "13", {"1301": "1301", "1302": "1302"})
    for code in ("1301", "1302"):
        make_site(made, code, rooms=2, report=False, by=staff("point_manager", code))
    return made


def by_looking(exam: Exam, site: Site, at: datetime, *, one: bool) -> Counter[Row]:
    """The rows of the site, from the checklist page's own answer and every room under the rules, one after the other."""
    rows: Counter[Row] = Counter()
    path = site.office_path
    for checked in queries.checklist(exam, site, at):
        rule = checked.item.rule
        if checked.item.of == "room" and one:
            for room, entry in checked.rooms:
                seen = entry.settled if entry else None
                opens = EVE.replace(hour=0)
                state = rules.standing([seen], opens=opens, due=opens + timedelta(days=1), at=at)
                rows[rule, path, room.number, RED[state], int(not seen)] += 1
        else:
            lacking = (
                len(checked.open_rooms)
                if checked.item.of == "room"
                else int(not (checked.last and checked.last.settled))
            )
            state = checked.state
            if (
                checked.item.by == "report"
                and checked.due is None
                and state == "soon"
                and at >= EVE.replace(hour=0)
            ):
                state = "late"  # without a term of its own it is due when the eve begins
            rows[rule, path, None, RED[state], lacking] += 1
    params, rooms = exams.params(exam, Params), [room.facts for room in queries.rooms(site)]
    urgent = "red" if at >= EVE.replace(hour=0) else "amber"
    support = Counter(r.rule for r in rules.check_support(rooms, params))
    for rule in ("V14.2", "V11.2.3"):
        rows[rule, path, None, urgent if support[rule] else "green", support[rule]] += 1
    wrong = sum(1 for room in rooms for _ in rules.check_room(room, site.standard, params))
    rows["V14.5", path, None, urgent if wrong else "green", wrong] += 1
    return rows


def on_the_board(exam: Exam, path: str, at: datetime) -> Counter[Row]:
    rows = [f for f in found(exam, path, at, rules=WATCHED) if f.row.url != "duties-list"]
    return Counter((f.rule, f.row.office_path, f.row.room, f.row.state.value, f.row.lacking) for f in rows)


def change(exam: Exam, dice: random.Random) -> None:
    """Something that people do to a site; what is refused changes nothing."""
    code = dice.choice(["1301", "1302"])
    by, site = staff("point_manager", code), f"{code}-01"
    with acting(by):
        there = queries.rooms(queries.site(exam, site, viewer=by))
    act = dice.choice(["add", "remove", "item", "rooms", "rooms"])
    at = dice.choice([AT, EVE])
    try:
        with acting(by):
            if act == "add":
                kind = dice.choice(["exam", "spare", "rest", "seal", "office"])
                room = NewRoom(max(r.number for r in there) + 1, "A", 1, 5, 6, 80, kind)
                services.add_rooms(exam=exam, site_code=site, rooms=[room], by=by, at=at)
            elif act == "remove" and len(there) > 1:
                services.remove_room(exam=exam, room_id=dice.choice(there).pk, by=by, at=at)
            else:
                settled = dice.random() < 0.7
                item = dice.choice(
                    ["proven", "fit", "cordon", "patrolled"] if act == "item" else ["bare", "sealed"]
                )
                numbers = [r.number for r in there if dice.random() < 0.6] if act == "rooms" else []
                services.attest(
                    exam=exam, site_code=site, item_code=item, settled=settled, rooms=numbers,
                    note="" if settled else "有问题", by=by, at=at,
                )  # fmt: skip
    except RuleRefused:
        pass


@pytest.mark.rule("V14.1", "V14.2", "V14.4", "V14.5", "V14.7.4", "V15.1.2", "V15.1.6")
def test_the_board_is_right_after_every_change(exam: Exam) -> None:
    dice, seen = random.Random(11), Counter[str]()
    for step in range(30):
        change(exam, dice)
        at = (AT, EVE, EVE + timedelta(days=1))[step % 3]
        with acting(SYSTEM):
            sites = list(Site.objects.filter(exam=exam).order_by("code"))
            naive = sum((by_looking(exam, site, at, one=False) for site in sites), Counter[Row]())
            alone = by_looking(exam, sites[0], at, one=True)
        assert on_the_board(exam, "/13/", at) == naive, f"step {step}"
        assert on_the_board(exam, sites[0].office_path, at) == alone, f"step {step}"
        seen.update(state for _, _, _, state, _ in naive)
    assert set(seen) == {"red", "amber", "green", "grey"}
