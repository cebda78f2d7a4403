"""A season with planted faults of every kind: each is raised within a minute of its term, and nothing else is."""

from collections import Counter
from datetime import timedelta

import pytest
from pytest_django import Settings

from keju.stages.custody.queries import alarms
from keju.stages.custody.tests.season import course
from keju.stages.custody.tests.season.course import ROAD, Season
from keju.stages.custody.tests.season.faults import KINDS, Fault, drawn
from keju.stages.custody.tests.season.judging import judge
from keju.stages.custody.tests.season.nation import nation

POINTS = ("1301", "1302", "1303")
PLANTED_AT = ROAD + timedelta(hours=17, minutes=10)


@pytest.fixture(autouse=True)
def stores_are_ready(settings: Settings, tmp_path: object) -> None:
    """Here stores judge as they do in earnest."""
    settings.FILES_ROOT, settings.SIGNING_ROUNDS = tmp_path, 1


def begun(points: tuple[str, ...], faults: list[Fault], formal: int, *, brief: bool = False) -> Season:
    """The papers are printed, stores and guards are ready."""
    uncovered = {f.point: course.moment(f) for f in faults if f.kind == "uncovered_hour"}
    return Season(nation(points, rooms=4, uncovered=uncovered), faults, formal, brief)


@pytest.mark.rule("V10.2.1", "V11.1", "V11.3.3", "V12.2.4", "V15.2", "V11.2.3", "V2.9", "V12.6.1", "V15.5.2")
@pytest.mark.django_db
def test_every_planted_fault_is_raised_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two faults of each kind; and with one watch off a further fault is missed, so that the judge can fail."""
    season = begun(POINTS, drawn(POINTS, 26, seed=1), formal=1, brief=True)
    for part in course.PARTS:
        part(season)
        if part is course.counted:
            _missed_by_nobody_watching(season, monkeypatch)
    found = course.verdict(season)
    assert found.is_exact, (found.missing, found.untimely, found.false)
    assert Counter(f.kind for f in season.faults) == dict.fromkeys(KINDS, 2)
    *kept, unexpected = season.planter.expected
    assert [f.key for f in judge(kept, course.raised(season)).false] == [unexpected.finding.key]


def _missed_by_nobody_watching(season: Season, monkeypatch: pytest.MonkeyPatch) -> None:
    further = Fault(26, "unknown_bag", "no_such_code", POINTS[0], 0, (6, 7))
    with monkeypatch.context() as off:
        off.delitem(alarms._watches, "handover_strange")
        season.planter.plant(further, PLANTED_AT)
        season.look(PLANTED_AT + timedelta(minutes=1))
    assert [e.fault for e in course.verdict(season).missing] == [further]
    season.planter.set_right(further.number, PLANTED_AT + timedelta(minutes=2))
    season.planter.expected.pop()


@pytest.mark.nightly
@pytest.mark.django_db
@pytest.mark.parametrize("seed", [2, 3])
def test_two_regions_with_other_faults(seed: int) -> None:
    points = tuple(f"{region}{n:02d}" for region in (13, 14) for n in range(1, 8))
    faults = drawn(points, 100, seed=seed, waves=3)
    found = course.run(begun(points, faults, formal=6))
    assert found.is_exact, (found.missing, found.untimely, found.false)
