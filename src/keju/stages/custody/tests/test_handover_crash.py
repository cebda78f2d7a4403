"""A server that dies at any step of a handover: nothing is lost, nothing done twice."""

import pytest

from keju.kernel.accounts.services import signing
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.stages.custody.models import Handover, HandoverScan, Operation
from keju.stages.custody.services import handovers
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
    monkeypatch.setattr(signing, "ITERATIONS", 1)
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
