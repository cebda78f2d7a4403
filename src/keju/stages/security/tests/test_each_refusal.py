"""Every rule of the precautions by itself: what is right passes, and each single wrong is refused by its own code."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from keju.rulebook import Refusal, load_programme
from keju.stages.security.rules import devices, emergencies, inspecting, recordings

AT = datetime(2011, 10, 1, 9, tzinfo=UTC)
DAY = date(2011, 10, 1)


def judged(
    rule: Callable[..., Iterator[Refusal]], right: dict[str, Any], *wrong: tuple[dict[str, Any], str]
) -> None:
    """`right` passes; with each of `wrong` in place of its part exactly that code refuses, in words of the programme."""
    assert list(rule(**right)) == []
    known = load_programme("physician").refusal_words
    for facts, code in wrong:
        found = {r.code for r in rule(**right | facts)}
        assert found == {code} <= set(known), (rule.__name__, facts)


@pytest.mark.rule("P2.3")
def test_a_device_has_its_number_and_is_in_one_place_while_it_is_fit() -> None:
    judged(
        devices.check_device,
        {"kind": "jammer", "kinds": {"jammer"}, "tag": "J1", "known_tags": {"J2"}},
        ({"kind": "drone"}, "security_device_kind"),
        ({"tag": " "}, "security_device_no_tag"),
        ({"tag": " J2"}, "security_device_tag"),
    )
    judged(devices.check_test, {"passed": True, "note": ""}, ({"passed": False}, "security_no_evidence"))
    judged(
        devices.check_use,
        {
            "free": True,
            "retired": False,
            "from_at": AT,
            "until_at": AT + timedelta(hours=1),
            "room": 1,
            "rooms": {1},
        },
        ({"until_at": AT}, "security_device_span"),
        ({"free": False}, "security_device_taken"),
        ({"retired": True}, "security_device_retired"),
        ({"room": 2}, "security_strange_room"),
    )


@pytest.mark.rule("P5.3", "V4.1")
def test_a_drill_rehearses_something_and_its_clock_runs_one_way() -> None:
    judged(emergencies.check_propose, {"drafts": 1}, ({"drafts": 0}, "security_no_draft"))
    judged(
        emergencies.check_drill,
        {"clause": "P5.3", "kinds": ["fire"], "known": {"fire"}, "scenario": "三号楼二层起火，疏散考生"},
        ({"kinds": []}, "security_drill_kinds"),
        ({"kinds": ["flood"]}, "security_drill_kinds"),
        ({"scenario": "起火"}, "security_drill_scenario"),
    )
    begun: dict[str, Any] = {
        "clause": "P5.3",
        "move": "start",
        "state": "planned",
        "unplanned": [],
        "people": 0,
    }
    judged(
        emergencies.check_move,
        begun,
        ({"state": "running"}, "security_drill_state"),
        ({"move": "rewind"}, "security_drill_state"),
        ({"unplanned": ["fire"]}, "security_drill_unplanned"),
    )
    ended = {"move": "end", "state": "running", "people": 2}
    judged(emergencies.check_move, begun | ended, ({"people": 1}, "security_drill_people"))


@pytest.mark.rule("P2.4", "P6.1", "V2.2")
def test_an_inspection_is_of_a_place_by_another_with_answers_to_its_own_list() -> None:
    inspections = load_programme("physician").precautions.inspections
    checklist = next(one for one in inspections if one.when == "before" and not one.by_itself)
    judged(
        inspecting.check_plan,
        {"checklist": checklist, "kinds": {"X": checklist.at[0]}, "planned_on": DAY, "exam_days": (DAY + timedelta(days=9),) * 2,
         "team": 2, "by_code": "Y"},
        ({"kinds": {}}, "security_no_place"),
        ({"kinds": {"X": "moon"}}, "security_not_for_place"),
        ({"by_code": "X"}, "security_own_place"),
        ({"team": 0}, "security_team"),
        ({"planned_on": DAY + timedelta(days=9)}, "security_before_exam"),
    )  # fmt: skip
    judged(
        inspecting.check_answer,
        {"clause": "P2.4", "items": {"gate"}, "item": "gate", "outcome": "right", "photos": 0},
        ({"item": "roof"}, "security_strange_item"),
        ({"outcome": "maybe"}, "security_strange_item"),
        ({"photos": inspecting.MOST_PHOTOS + 1}, "security_photos"),
    )
    judged(
        inspecting.check_finish,
        {"clause": "P2.4", "items": ["gate"], "outcomes": {"gate": "right"}},
        ({"outcomes": {}}, "security_unanswered"),
    )


@pytest.mark.rule("P7.3")
def test_a_finding_goes_from_its_owner_to_somebody_else_who_looks_again() -> None:
    judged(
        inspecting.check_finding,
        {"clause": "P7.3", "words": "门坏", "owner_is_on_line": True, "owner_is_known": True, "due_on": DAY, "today": DAY,
         "latest": DAY, "photos": 1},
        ({"words": " "}, "security_finding_words"),
        ({"owner_is_on_line": False}, "security_finding_office"),
        ({"owner_is_known": False}, "security_finding_owner"),
        ({"due_on": None}, "security_finding_term"),
        ({"due_on": DAY + timedelta(days=1)}, "security_finding_term"),
        ({"photos": inspecting.MOST_PHOTOS + 1}, "security_photos"),
    )  # fmt: skip
    judged(
        inspecting.check_mend,
        {"clause": "P7.3", "state": "open", "note": "已修", "photos": 1},
        ({"state": "closed"}, "security_not_open"),
        ({"note": ""}, "security_no_evidence"),
        ({"photos": inspecting.MOST_PHOTOS + 1}, "security_photos"),
    )
    judged(
        inspecting.check_reinspect,
        {"clause": "P7.3", "state": "mended", "mended_by": "a", "owner_ref": "b", "by": "c", "note": "已看"},
        ({"state": "open"}, "security_not_mended"),
        ({"by": "a"}, "security_same_person"),
        ({"by": "b"}, "security_same_person"),
        ({"note": ""}, "security_no_evidence"),
    )
    judged(
        inspecting.check_extend,
        {"clause": "P7.3", "state": "open", "owner_ref": "b", "by": "c", "due_on": DAY, "new": DAY + timedelta(days=1),
         "latest": DAY + timedelta(days=3), "note": "待料"},
        ({"state": "closed"}, "security_closed"),
        ({"by": "b"}, "security_same_person"),
        ({"new": DAY}, "security_finding_term"),
        ({"new": DAY + timedelta(days=4)}, "security_finding_term"),
        ({"note": " "}, "security_no_evidence"),
    )  # fmt: skip


@pytest.mark.rule("P2.2", "P7.2", "V14.1")
def test_recordings_are_kept_their_term_and_replayed_in_earnest() -> None:
    judged(
        recordings.check_recording,
        {"clause": "P2.2", "room": 1, "rooms": {1}, "session": 1, "ended": {1}, "sha256": "a" * 64, "size": 1,
         "custodian_is_known": True, "place": "柜1"},
        ({"room": 2}, "security_recording_room"),
        ({"session": 2}, "security_recording_session"),
        ({"sha256": "A" * 64}, "security_recording_sha"),
        ({"size": 0}, "security_recording_size"),
        ({"custodian_is_known": False}, "security_recording_keeper"),
        ({"place": ""}, "security_recording_place"),
    )  # fmt: skip
    judged(
        recordings.check_disposal,
        {"clause": "P2.2", "terms": [DAY - timedelta(days=1)], "today": DAY, "reason": "期满", "disposed": 0},
        ({"terms": []}, "security_disposal_none"),
        ({"disposed": 1}, "security_disposal_none"),
        ({"terms": [DAY]}, "security_disposal_early"),
        ({"reason": ""}, "security_no_evidence"),
    )
    judged(
        recordings.check_replay,
        {
            "clause": "P7.2",
            "from_minute": 0,
            "to_minute": 60,
            "seen": "无异常",
            "odd": False,
            "has_finding": False,
        },
        ({"to_minute": 0}, "security_replay_span"),
        ({"to_minute": 601}, "security_replay_span"),
        ({"seen": ""}, "security_no_evidence"),
        ({"odd": True}, "security_replay_odd"),
    )
