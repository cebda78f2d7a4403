"""V3.3 in full: other media with evidence, a region's own answers, what its page still lacks. V3.2: handed down."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices import queries as post
from keju.kernel.notices import services as posting
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.announcement import queries, services
from keju.stages.announcement.models import Answer, Publication
from keju.stages.announcement.tests.test_announcement import (
    AT,
    BEIJING,
    COMMITTEE,
    OFFICE,
    SYSTEM,
    WINDOWS,
    actor,
    drafted,
    exam,
)

__all__ = ["exam"]
TIANJIN = actor(4, "region_officer", "12", "/12/")
PAPER = {"medium": "newspaper", "title": "北京日报第3版", "published_on": AT.date()}


def published(exam: Exam, **change: object) -> Publication:
    with acting(BEIJING):
        facts = {**PAPER, "link": "https://example.org/3", **change}
        return services.record_publication(exam=exam, region_code="11", **facts, by=BEIJING, at=AT)


@pytest.mark.rule("V3.3")
def test_a_publication_stands_with_its_evidence_for_everybody_to_read(exam: Exam) -> None:
    row = published(exam, link="", evidence="ab" * 32)
    with acting(Actor.anybody()):
        assert [p.title for p in queries.publications(exam, "11")] == ["北京日报第3版"]
    with acting(SYSTEM):
        event = Event.objects.get(kind="announcement.publication.recorded")
    assert (event.subject, event.rules) == (f"publication:{row.pk}", ["V3.3"])
    assert event.data["evidence"] == "ab" * 32


@pytest.mark.rule("V3.3")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"link": " "}, "announcement_no_evidence"),
        ({"published_on": AT.date() + timedelta(days=1)}, "announcement_publication_ahead"),
    ],
)
def test_without_evidence_or_before_its_day_it_does_not_count(
    exam: Exam, change: dict[str, object], code: str
) -> None:
    with pytest.raises(RuleRefused) as refused:
        published(exam, **change)
    assert {r.code for r in refused.value.refusals} == {code}
    assert not Publication.objects.exists()


def test_a_wrong_entry_is_struck_out_once_with_a_reason_and_stays(exam: Exam) -> None:
    row = published(exam)
    with acting(BEIJING):
        with pytest.raises(ValidationError):
            services.strike_publication(exam=exam, publication_id=row.pk, reason=" ", by=BEIJING, at=AT)
        services.strike_publication(exam=exam, publication_id=row.pk, reason="版面写错", by=BEIJING, at=AT)
        with pytest.raises(Stale):
            services.strike_publication(exam=exam, publication_id=row.pk, reason="再划", by=BEIJING, at=AT)
        assert queries.publications(exam, "11").get().struck_reason == "版面写错"
        assert Event.objects.filter(kind="announcement.publication.struck").exists()
    with acting(Actor.anybody()):
        assert not queries.publications(exam, "11").exists()


@pytest.mark.rule("V1.5")
def test_a_region_publishes_and_answers_for_itself_alone(exam: Exam) -> None:
    row = published(exam)
    with acting(TIANJIN):
        with pytest.raises(NotPermitted):
            services.record_publication(
                exam=exam, region_code="11", **PAPER, link="https://example.org", by=TIANJIN, at=AT
            )
        with pytest.raises(Publication.DoesNotExist):
            queries.publication(exam, row.pk, viewer=TIANJIN)
        with pytest.raises(NotPermitted):
            services.say_answer(
                exam=exam, region_code="11", question_zh="问", answer_zh="答", by=TIANJIN, at=AT
            )


@pytest.mark.rule("V3.3")
def test_a_region_answers_its_candidates_in_versions(exam: Exam) -> None:
    with acting(BEIJING):
        words = {"question_zh": "哪里停车？", "answer_zh": "考点不提供车位。"}
        row = services.say_answer(exam=exam, region_code="11", **words, by=BEIJING, at=AT)
        words["answer_zh"] = "请乘公共交通。"
        services.say_answer(
            exam=exam, region_code="11", answer_id=row.pk, version=1, **words, by=BEIJING, at=AT
        )
        with pytest.raises(Stale):
            services.say_answer(
                exam=exam, region_code="11", answer_id=row.pk, version=1, **words, by=BEIJING, at=AT
            )
    with acting(Actor.anybody()):
        assert [(a.answer_zh, a.version) for a in queries.answers(exam, "11")] == [("请乘公共交通。", 2)]
    with acting(BEIJING):
        services.withdraw_answer(exam=exam, answer_id=row.pk, version=2, by=BEIJING, at=AT)
        kinds = list(
            Event.objects.filter(subject=f"answer:{row.pk}")
            .order_by("at", "pk")
            .values_list("kind", flat=True)
        )
    assert sorted(kinds) == ["announcement.answer.said"] * 2 + ["announcement.answer.withdrawn"]
    with acting(Actor.anybody()):
        assert not Answer.objects.exists()


@pytest.mark.rule("V3.3")
def test_the_region_sees_what_it_has_still_to_publish(exam: Exam) -> None:
    with acting(BEIJING):
        before = {words.en for words in queries.unpublished(exam, "11")}
    assert before == {
        "period of online registration",
        "period of confirmation",
        "contact of the region",
        "requirements",
        "another medium",
    }
    published(exam)
    with acting(BEIJING):
        services.set_windows(exam=exam, region_code="11", **WINDOWS, by=BEIJING, at=AT)
        services.publish_region(exam=exam, region_code="11", requirements_zh="带身份证", by=BEIJING, at=AT)
        assert [words.en for words in queries.unpublished(exam, "11")] == ["contact of the region"]


@pytest.mark.rule("V3.2")
def test_the_announcement_goes_down_the_tree_and_who_has_not_acknowledged_is_listed(exam: Exam) -> None:
    notice = drafted(exam)
    with acting(COMMITTEE):
        services.decide(notice_id=notice.pk, approve=True, by=COMMITTEE, at=AT)
    with acting(OFFICE):
        services.publish(notice_id=notice.pk, by=OFFICE, at=AT)
        (sent,) = post.outbox(viewer=OFFICE, exam=exam).rows
    assert (sent.recipients, sent.acknowledged) == (2, 0)
    with acting(BEIJING):
        posting.acknowledge(notice=sent.notice.pk, by=BEIJING, at=AT)
    with acting(OFFICE):
        opened = post.notice(viewer=OFFICE, exam=exam, notice=sent.notice.pk, at=AT)
    assert [(i.receipt.office_code, i.state) for i in opened.recipients] == [
        ("12", "unread"),
        ("11", "acknowledged"),
    ]
