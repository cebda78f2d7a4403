"""Rules of training, rosters and recusal by themselves: each single wrong is refused by its own code. No database."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from keju.rulebook import Refusal, load_programme
from keju.rulebook.teaching import CheckQuestion
from keju.rulebook.words import t
from keju.stages.staffing.rules import checks, recusal, rosters, training

AT = datetime(2011, 10, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def judged(
    rule: Callable[..., Iterator[Refusal]], right: dict[str, Any], *wrong: tuple[dict[str, Any], str]
) -> None:
    """`right` passes; with each of `wrong` in place of its part exactly that code refuses, in words of the programme."""
    assert list(rule(**right)) == []
    known = load_programme("veterinarian").refusal_words
    for facts, code in wrong:
        assert {r.code for r in rule(**right | facts)} == {code} <= set(known), (rule.__name__, facts)


@pytest.mark.rule("V4.1", "V4.2", "V4.4")
def test_a_course_teaches_by_approved_handbooks_and_is_entered_after_it_began() -> None:
    judged(
        training.check_course,
        {"modules": ["rules"], "known": {"rules": "handbook"}, "approved": {"handbook"},
         "names": {"handbook": t("手册", "Handbook")}, "starts_at": AT, "ends_at": AT + HOUR},
        ({"modules": []}, "training_no_module"),
        ({"modules": ["magic"]}, "training_no_module"),
        ({"ends_at": AT}, "training_span"),
        ({"approved": set()}, "training_no_handbook"),
    )  # fmt: skip
    judged(
        training.check_distribution,
        {"state": "approved", "has_gone": False},
        ({"state": "draft"}, "training_not_approved"),
        ({"has_gone": True}, "training_distributed"),
    )
    judged(
        training.check_entry,
        {"began": True, "is_cancelled": False, "starts_at": AT},
        ({"began": False}, "training_not_begun"),
        ({"is_cancelled": True}, "training_cancelled"),
    )


@pytest.mark.rule("V4.2", "V4.3")
def test_a_pool_has_enough_questions_told_apart_with_answers_told_apart() -> None:
    def question(n: int) -> CheckQuestion:
        return CheckQuestion(f"q{n}", "V4.3", t(f"问{n}", f"Q{n}"), t("对", "Right"), (t("错", "Wrong"),))

    pool = [question(n) for n in range(checks.LEAST)]
    same = replace(pool[0], wrong=(t("对", "Also right"),))
    many = replace(pool[0], wrong=tuple(t(f"错{n}", f"Wrong {n}") for n in range(checks.MOST_WRONG + 1)))
    judged(
        checks.check_pool,
        {"questions": pool},
        ({"questions": pool[1:]}, "training_pool_small"),
        ({"questions": [*pool, pool[0]]}, "training_pool_twice"),
        ({"questions": [same, *pool[1:]]}, "training_pool_answers"),
        ({"questions": [many, *pool[1:]]}, "training_pool_answers"),
        ({"questions": [replace(pool[0], wrong=()), *pool[1:]]}, "training_pool_answers"),
    )


@pytest.mark.rule("V15.1.4", "V12.2.4")
def test_a_roster_has_hours_people_and_telephones_before_it_is_published() -> None:
    kinds = load_programme("veterinarian").rosters
    own = next(k for k in kinds if k.span.of == "milestones")
    given = next(k for k in kinds if k.span.of != "milestones")
    judged(
        rosters.check_hours,
        {"kind": own, "starts_at": AT, "ends_at": AT + HOUR},
        ({"kind": given}, "staffing_roster_hours_given"),
        ({"ends_at": AT}, "staffing_roster_hours_wrong"),
        ({"ends_at": AT + timedelta(days=184)}, "staffing_roster_hours_wrong"),
    )
    shift = rosters.Standing(1, "甲", AT, AT + HOUR)
    judged(
        rosters.check_publish,
        {"kind": given, "enforced": True, "known": True, "found": [], "shifts": [shift], "changed": True, "again": False,
         "reason": ""},
        ({"known": False}, "staffing_roster_hours"),
        ({"shifts": []}, "staffing_roster_empty"),
        ({"found": [rosters.Gap("", AT, AT + HOUR, 1)]}, "staffing_roster_gap"),
        ({"found": [rosters.Gap("二层", AT, AT + HOUR, 1)]}, "staffing_roster_gap_floor"),
        ({"shifts": [replace(shift, phone=False)]}, "staffing_roster_phone"),
        ({"again": True, "changed": False}, "staffing_roster_same"),
        ({"again": True}, "staffing_roster_reason"),
    )  # fmt: skip


@pytest.mark.rule("V2.9", "P3.1")
def test_nobody_is_a_relative_of_oneself_and_an_account_says_what_follows() -> None:
    own = "440524188001010014"
    relative = recusal.NewRelative(relation="child", name="李四", identity="11010519491231002X")
    judged(
        recusal.check_declaration,
        {
            "new": recusal.NewDeclaration(1, False, (relative,), True),
            "own_number": own,
            "today": date(2011, 8, 1),
        },
        ({"own_number": relative.identity}, "recusal_oneself"),
        ({"new": recusal.NewDeclaration(1, False, (relative,))}, "recusal_unsigned"),
        ({"new": recusal.NewDeclaration(1, True, (relative,), True)}, "recusal_both"),
    )
    judged(recusal.check_declared, {"names": []}, ({"names": ["甲"]}, "recusal_undeclared"))
    judged(
        recusal.check_accountability,
        {"known": True, "rule_": "V2.9", "what": "未申报", "measure": "通报"},
        ({"known": False}, "accountability_rule"),
        ({"what": ""}, "accountability_what"),
        ({"measure": " "}, "accountability_measure"),
    )
