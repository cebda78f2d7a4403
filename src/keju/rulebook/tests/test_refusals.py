"""What must hold stands; what holds in principle yields to a reason by a role that may; clauses register."""

from __future__ import annotations

import pytest

from keju.rulebook import load_programme
from keju.rulebook.clauses import registry, rule
from keju.rulebook.refusals import Refusal, RuleRefused, enforce
from keju.rulebook.words import speaking, t

MUST = Refusal("V5.2.2", "photo.too_small", {"height": 100, "least": 189}, field="photo")
SOFT = Refusal("V6.1", "host.too_few", {"candidates": 120}, strength="in principle")


def test_silence_is_consent() -> None:
    assert enforce(iter(())) == []
    assert enforce([], reason="x", may_override=True) == []


@pytest.mark.parametrize(
    ("refusals", "reason", "may", "standing"),
    [
        ([MUST], None, False, [MUST]),
        ([MUST], "weather", True, [MUST]),
        ([SOFT], None, False, [SOFT]),
        ([SOFT], "weather", False, [SOFT]),
        ([SOFT], None, True, [SOFT]),
        ([SOFT], "  ", True, [SOFT]),
        ([SOFT, MUST], "weather", True, [MUST]),
        ([SOFT, MUST], None, True, [SOFT, MUST]),
    ],
)
def test_refused(refusals: list[Refusal], reason: str | None, may: bool, standing: list[Refusal]) -> None:
    with pytest.raises(RuleRefused) as caught:
        enforce(refusals, reason=reason, may_override=may)
    assert list(caught.value.refusals) == standing
    assert standing[0].rule in str(caught.value)


def test_overridden_ones_come_back_for_the_audit_log() -> None:
    assert enforce((r for r in [SOFT]), reason="island point", may_override=True) == [SOFT]


def test_a_code_without_words_speaks_by_its_clause() -> None:
    programme = load_programme("veterinarian")
    words = Refusal("V8.3", "no.such.code").words(programme)
    assert "V8.3" in words.zh and programme.rules["V8.3"].text.zh in words.zh
    assert "V8.3" in words.en and programme.rules["V8.3"].text.en in words.en
    lost = Refusal("V99.9", "no.such.code").words(programme)
    assert "V99.9" in lost.zh and "no.such.code" in lost.en


def test_words_of_the_programme_are_filled_with_the_facts() -> None:
    class Speaking:
        refusal_words = {
            "photo.too_small": t("照片高{height}，至少{least}（{rule}）", "{height} < {least} ({rule})")
        }

        def clause(self, clause_id: str) -> None:
            return None

    assert MUST.words(Speaking()).zh == "照片高100，至少189（V5.2.2）"
    with speaking("en"):
        assert str(MUST.words(Speaking())) == "100 < 189 (V5.2.2)"


def test_refusals_are_values() -> None:
    assert Refusal("V5.2.2", "photo.too_small", {"height": 100, "least": 189}, field="photo") == MUST
    assert Refusal("V5.2.2", "photo.too_small", {"height": 101, "least": 189}, field="photo") != MUST
    assert len({MUST, SOFT, MUST}) == 2


def test_rule_registers_and_returns_the_function_itself() -> None:
    def refund_due() -> None: ...

    assert rule("V8.3", "V5.4")(refund_due) is refund_due
    assert refund_due.__rules__ == ("V8.3", "V5.4")  # type: ignore[attr-defined]
    name = f"{__name__}.{refund_due.__qualname__}"
    assert name in registry()["V8.3"] and name in registry()["V5.4"]


@pytest.mark.parametrize("ids", [(), ("8.3",), ("V8,3",), ("v8.3",), ("V8.3", "")])
def test_rule_refuses_what_is_no_clause_id(ids: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="clause id"):
        rule(*ids)
