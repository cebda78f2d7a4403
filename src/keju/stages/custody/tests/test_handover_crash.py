"""A server that dies at any step of a handover: nothing is lost, nothing done twice."""

from uuid import UUID

import pytest

from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.custody.models import Handover, HandoverScan, Operation, Step
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.handovers import Scan
from keju.stages.custody.services import handovers
from keju.stages.custody.services.chain import carry_out
from keju.stages.custody.services.handovers import bulk, closing, scanning
from keju.stages.custody.tests import hands
from keju.stages.custody.tests.hands import CENTRE_PAPERS, DAY, boxes, holding
from keju.stages.custody.tests.world import key, papers


class Killed(BaseException):
    """No error that anybody handles."""


STEPS = [
    (bulk, "scan"),
    (bulk, "finish_count"),
    (bulk, "sign"),
    (closing, "carry_out"),
    (scanning, "update_rows"),
]


@pytest.mark.rule("V11.1")
def test_killed_at_any_step_and_sent_again_it_is_done_once(
    exam: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    papers(exam)
    who = hands.cast(exam)
    people = who.people("centre_to_carrier", "centre", "centre")
    codes = who.one_code_each(people)

    def sent() -> Handover:
        with acting(CENTRE_PAPERS):
            return handovers.in_one(
                exam=exam, key=key("crash"), kind="centre_to_carrier", container_ids=boxes(exam), sender_office="centre",
                receiver_office="centre", place="journey:1", people=people, codes=codes, by=CENTRE_PAPERS, at=DAY,
            )  # fmt: skip

    def dies(*_: object, **__: object) -> None:
        raise Killed

    for module, name in STEPS:
        with monkeypatch.context() as broken:
            broken.setattr(module, name, dies)
            with pytest.raises(Killed):
                sent()
        assert holding(boxes(exam)[0]).place == "printing_house"
    first = sent()
    assert sent().pk == first.pk
    with acting(hands.SYSTEM):
        assert (Handover.objects.count(), HandoverScan.objects.count()) == (1, 1)
        assert Operation.objects.filter(act="handed_over").count() == 1
    assert holding(boxes(exam)[0]).place == "journey:1"


@pytest.mark.rule("V11.1")
@pytest.mark.parametrize("protected", [True, False])
def test_an_answer_lost_after_the_commit_and_what_sending_again_does_without_the_key(
    exam: Exam, *, protected: bool
) -> None:
    papers(exam)
    who = hands.cast(exam)
    row = hands.arranged(who, "centre_to_carrier", boxes(exam), "journey:1")
    (box,) = boxes(exam)
    found = [Scan(code) for code in codes_of(row)]

    def name(sending: int) -> UUID:
        """The device keeps its key for what it sends again; without the protection each sending is another."""
        return key("kept" if protected else f"sending {sending}")

    with acting(CENTRE_PAPERS):
        for sending in (1, 2):  # the second because nobody answered the first
            handovers.scan(
                exam=exam, handover_id=row.pk, key=name(sending), found=found, by=CENTRE_PAPERS, at=DAY
            )
            change = Change(place="centre", place_path="/")
            carry_out(
                exam=exam, key=name(sending), act=Act.MOVED, changes={box: change}, office_path="/13/", by=CENTRE_PAPERS,
                at=DAY,
            )  # fmt: skip
        times = 1 if protected else 2
        assert HandoverScan.objects.count() == times
        assert Step.objects.filter(container_id=box, act="moved").count() == times
        if protected:
            handovers.finish_count(exam=exam, handover_id=row.pk, by=CENTRE_PAPERS, at=DAY)
        else:  # every code was read twice, and nobody can finish the count
            with pytest.raises(RuleRefused, match="handover_repeats"):
                handovers.finish_count(exam=exam, handover_id=row.pk, by=CENTRE_PAPERS, at=DAY)


def codes_of(row: Handover) -> list[str]:
    with acting(CENTRE_PAPERS):
        return list(row.items.values_list("code", flat=True))
