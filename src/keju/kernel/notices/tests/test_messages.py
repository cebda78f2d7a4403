"""What candidates are told reaches each of them and nobody else."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keju.kernel.accounts import services as accounts
from keju.kernel.accounts.models import Candidate
from keju.kernel.accounts.queries import candidate_actor
from keju.kernel.accounts.services import NewCandidate
from keju.kernel.audit import NotPermitted
from keju.kernel.audit.models import Event
from keju.kernel.notices import queries, services
from keju.kernel.notices.models import Message
from keju.kernel.notices.tests.year import AT, ROOT, exam_of_2011, officer
from keju.kernel.offices import acting
from keju.rulebook.words import t

pytestmark = pytest.mark.django_db
WORDS = t("您的资格审核已通过。", "You have passed the review.")


@pytest.fixture
def exam():
    return exam_of_2011()


@pytest.fixture
def candidates(exam):
    people = [NewCandidate(identity=f"1101011990010{n}0011", name=f"考生{n}") for n in range(1, 4)]
    found = accounts.ensure_candidates(people=people, by=ROOT, at=AT)
    with acting(ROOT):
        return [candidate_actor(c) for c in Candidate.objects.filter(pk__in=found.values()).order_by("pk")]


def tell(exam, ids, **more):
    region = officer("13")
    with acting(region):
        return services.tell_candidates(
            **{"exam": exam, "candidate_ids": ids, "office_path": "/13/", "kind": "review", "words": WORDS,
               "by": region, "at": AT, **more}
        )  # fmt: skip


def read(exam, viewer):
    with acting(viewer):
        return queries.messages(viewer=viewer, exam=exam)


def test_each_candidate_reads_their_own_and_no_other(exam, candidates):
    one, two, three = candidates
    assert tell(exam, [one.candidate_id, two.candidate_id, one.candidate_id]) == 2
    (message,) = read(exam, one)
    assert (message.words.zh, message.words.en, message.channel) == (WORDS.zh, WORDS.en, "inbox")
    assert read(exam, three) == [] and read(exam, officer("13")) == []
    with acting(one):
        assert {m.candidate_id for m in Message.objects.all()} == {one.candidate_id}
    with acting(officer("11")):
        assert not Message.objects.exists()
    with acting(officer("13")):
        assert Message.objects.count() == 2


def test_a_bulk_is_one_event_without_names(exam, candidates):
    tell(exam, [c.candidate_id for c in candidates])
    with acting(ROOT):
        event = Event.objects.get(kind="notices.candidates.told")
    assert event.data == {"kind": "review", "count": 3, "channels": [], "going_out": 0}


def test_reading_is_marked_by_the_candidate_alone(exam, candidates):
    one, two, _ = candidates
    tell(exam, [one.candidate_id, two.candidate_id])
    with acting(one):
        assert services.read_messages(exam=exam, by=one, at=AT) == 1
        assert services.read_messages(exam=exam, by=one, at=AT) == 0
    assert read(exam, one)[0].read_at == AT and read(exam, two)[0].read_at is None
    with acting(officer("13")), pytest.raises(NotPermitted):
        services.read_messages(exam=exam, by=officer("13"), at=AT)


def test_three_are_told_in_as_many_statements_as_one(exam, candidates):
    counts = []
    for ids in ([candidates[0].candidate_id], [c.candidate_id for c in candidates]):
        with CaptureQueriesContext(connection) as statements:
            tell(exam, ids)
        counts.append(len(statements))
    assert counts[0] == counts[1]
