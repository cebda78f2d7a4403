"""Both programmes are whole: every clause, both languages, a duty for each deadline, adoption."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import FrozenInstanceError, fields, is_dataclass
from datetime import date
from itertools import pairwise

import pytest

from keju.rulebook import (
    DueSpec,
    FixedDay,
    Programme,
    UnknownProgramme,
    Words,
    duties_on,
    load_programme,
    programme_codes,
    rule_by_id,
    value_of,
)
from keju.rulebook.check import check_programme
from keju.rulebook.programmes import HOME

VET, PHY = load_programme("veterinarian"), load_programme("physician")


def all_words(value: object) -> list[Words]:
    """Every message anywhere below a value."""
    if isinstance(value, Words):
        return [value]
    if isinstance(value, tuple):
        return [words for item in value for words in all_words(item)]
    if isinstance(value, Programme) or is_dataclass(value):
        return [w for f in fields(value) for w in all_words(getattr(value, f.name))]
    if hasattr(value, "values"):
        return [words for item in value.values() for words in all_words(item)]
    return []


def test_there_are_two_the_adopted_one_first() -> None:
    assert programme_codes() == ("veterinarian", "physician")


@pytest.mark.parametrize("code", programme_codes())
def test_the_house_programmes_are_sound(code: str) -> None:
    assert [str(problem) for problem in check_programme(HOME / code)] == []


def test_all_147_rules() -> None:
    assert (len(VET.own_rules), len(PHY.own_rules)) == (127, 20)
    assert all(id_.startswith("V") for id_ in VET.own_rules)
    assert all(id_.startswith("P") for id_ in PHY.own_rules)
    kinds = Counter(rule.kind for rule in (*VET.rules.values(), *(PHY.rules[i] for i in PHY.own_rules)))
    assert kinds == {
        "enforce": 49,
        "record": 33,
        "deadline": 21,
        "document": 11,
        "access": 15,
        "attest": 11,
        "compute": 7,
    }
    chapters = Counter(int(re.sub(r"V(\d+).*", r"\1", id_)) for id_ in VET.own_rules)
    assert set(range(1, 19)) - set(chapters) == {13}


@pytest.mark.parametrize("programme", [VET, PHY], ids=lambda p: p.code)
def test_every_word_stands_in_both_languages(programme: Programme) -> None:
    words = all_words(programme)
    assert len(words) > 3 * len(programme.rules)
    for message in words:
        assert re.search(r"[一-鿿]", message.zh), message
        assert re.search(r"[A-Za-z]", message.en), message
        assert not re.search(r"[一-鿿]", message.en), message


@pytest.mark.parametrize("programme", [VET, PHY], ids=lambda p: p.code)
def test_every_doubt_is_explained_in_the_readings(programme: Programme) -> None:
    doubtful = [id_ for id_ in programme.own_rules if programme.rules[id_].note]
    assert all(id_ in programme.readings for id_ in doubtful)
    assert len(programme.readings) > 1000


def figures(text: str) -> Counter[int]:
    """The figures of a text; months by name count as figures too."""
    for month, number in {"January": 1, "September": 9}.items():
        text = text.replace(month, str(number))
    return Counter(int(digits) for digits in re.findall(r"[0-9]+", text))


@pytest.mark.parametrize("id_", [*VET.own_rules, *PHY.own_rules])
def test_both_languages_state_the_same_figures_and_name_clauses_that_exist(id_: str) -> None:
    clause = PHY.rules.get(id_) or VET.rules[id_]
    for words in (clause.text, clause.done):
        assert figures(words.zh) == figures(words.en)
        for named in re.findall(r"[VP][0-9]+(?:\.[0-9]+)*[a-z]?", words.zh + words.en):
            assert rule_by_id(named), named


def test_numbers_in_both_languages_agree_with_the_parameters() -> None:
    for id_, param in {
        "V8.3": "fees.refund_working_days",
        "V5.4": "review.second_review_working_days",
        "V6.1": "venues.host_min_candidates",
        "V14.5": "venues.column_gap_cm",
        "V7.2": "tickets.serial_max",
        "V5.2.2": "registration.photo_min_height_px",
    }.items():
        figure = str(value_of(param, programme="veterinarian", as_of=date(2011, 6, 1)))
        clause = VET.rules[id_]
        assert figure in clause.text.zh and figure in clause.text.en, id_
        assert param in clause.params


def test_every_deadline_has_a_duty_and_every_duty_a_clause_and_milestone() -> None:
    for programme in (VET, PHY):
        milestones = {milestone.key for milestone in programme.milestones}
        owed = {duty.rule for duty in programme.duties}
        assert (
            {r.id for r in programme.rules.values() if r.kind == "deadline"} <= owed <= set(programme.rules)
        )
        for duty in programme.duties:
            assert isinstance(duty.due, FixedDay) or duty.due.milestone in milestones
        assert len({duty.code for duty in programme.duties}) == len(programme.duties)
    assert [m.order for m in VET.milestones] == sorted(m.order for m in VET.milestones)


def test_figures_of_duties() -> None:
    due = {duty.code: duty.due for duty in PHY.duties}
    assert due["V8.3"] == DueSpec(22, "working_days", "after", "exam_ends", param="fees.refund_working_days")
    assert due["V8.2a"] == DueSpec(2, "months", "after", "confirmation_ends", param="fees.remittance_months")
    assert due["V12.2.2/point"] == FixedDay(9, 30)
    assert due["P2.2"] == DueSpec(6, "months", "after", "exam_ends")
    assert [d.due for d in duties_on(VET, date(2011, 6, 1))] == [d.due for d in VET.duties]


def test_the_veterinarian_examination() -> None:
    assert VET.ticket.width == 10
    assert [(s.what, s.width) for s in VET.ticket.segments] == [
        ("year", 2),
        ("region", 2),
        ("point", 2),
        ("serial", 4),
    ]
    assert VET.ticket.serial_max == value_of(
        "tickets.serial_max", programme="veterinarian", as_of=date(2011, 6, 1)
    )
    assert {category.code for category in VET.categories} == {"general", "aquatic"}
    for category in VET.categories:
        sat = VET.subjects_of(category.code)
        assert [s.code for s in sat] == ["basic", "preventive", "clinical", "comprehensive"]
        assert {(s.questions, s.options) for s in sat} == {(100, "ABCDE")}
    morning, afternoon = VET.sessions
    assert f"{morning.starts:%H:%M}–{morning.ends:%H:%M}" == "09:00–11:30"
    assert f"{afternoon.starts:%H:%M}–{afternoon.ends:%H:%M}" == "14:00–16:30"


def test_levels_highest_first_each_programme_its_own() -> None:
    assert [level.name.zh for level in VET.levels] == ["执业兽医师", "执业助理兽医师"]
    assert [level.code for level in PHY.levels] == ["licensed", "assistant"]
    assert PHY.levels[0].name.en == "Licensed physician"


def test_milestones_follow_the_year() -> None:
    keys = [milestone.key for milestone in VET.milestones]
    way = (
        "announced registration_opens confirmation_ends hosts_decided tickets_generated exam_day line_decided"
    )
    assert all(keys.index(a) < keys.index(b) for a, b in pairwise(way.split()))
    assert VET.milestone("exam_day").name.zh == "考试日"
    with pytest.raises(KeyError):
        VET.milestone("christmas")


def test_adoption_takes_what_is_not_written_and_leaves_what_does_not_fit() -> None:
    assert PHY.adopts == "veterinarian"
    assert PHY.rules["V8.3"] == VET.rules["V8.3"]
    assert not {"V2.3", "V5.3.0", "V5.3.1b", "V8.1"} & set(PHY.rules)
    assert PHY.clause("V2.3") is None and VET.clause("P2.2") is None
    assert rule_by_id("P2.2") == PHY.rules["P2.2"]
    assert rule_by_id("V2.3") == VET.rules["V2.3"]
    assert rule_by_id("V13.1") is None
    assert PHY.ticket == VET.ticket
    chief = {post.code: post for post in PHY.posts}["chief_examiner"]
    assert chief != {post.code: post for post in VET.posts}["chief_examiner"]
    assert len(PHY.posts) == len(VET.posts) + 2


@pytest.mark.parametrize("code", ["nurse", "../veterinarian", "", "veterinarian/params"])
def test_unknown_programme(code: str) -> None:
    with pytest.raises(UnknownProgramme):
        load_programme(code)


def test_programmes_are_frozen_and_loaded_once() -> None:
    assert load_programme("veterinarian") is VET
    with pytest.raises(FrozenInstanceError):
        VET.code = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        VET.rules["V1.1"] = VET.rules["V1.2"]  # type: ignore[index]
