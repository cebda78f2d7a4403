"""What a region answers to the questions of its own candidates."""

from datetime import datetime

from keju.kernel.audit import Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.stages.announcement import events
from keju.stages.announcement.models import Answer
from keju.stages.announcement.services.regions import own_only


@write("announcement:region:publish")
def say_answer(
    *,
    exam: Exam,
    region_code: str,
    question_zh: str,
    answer_zh: str,
    question_en: str = "",
    answer_en: str = "",
    answer_id: int | None = None,
    version: int = 0,
    by: Actor,
    at: datetime,
) -> Answer:
    """The question with its answer stands on the region's page; with `answer_id` it replaces that one."""
    path = path_of(region_code)
    own_only(by, path)
    words = {
        "question_zh": question_zh.strip(),
        "question_en": question_en.strip(),
        "answer_zh": answer_zh.strip(),
        "answer_en": answer_en.strip(),
        "said_by": by.ref,
        "said_at": at,
    }
    if answer_id is None:
        row = Answer.objects.create(exam=exam, office_path=path, region_code=region_code, **words)
    else:
        row = _standing(exam, answer_id, version)
        own_only(by, row.office_path)
        Answer.objects.filter(pk=row.pk).update(**words, version=version + 1)
    _record(events.ANSWER_SAID, row, by, at, {**words, "said_at": at, "version": version + 1})
    return row


@write("announcement:region:publish")
def withdraw_answer(*, exam: Exam, answer_id: int, version: int, by: Actor, at: datetime) -> None:
    """The question and its answer are no longer public."""
    row = _standing(exam, answer_id, version)
    own_only(by, row.office_path)
    Answer.objects.filter(pk=row.pk).update(withdrawn_at=at, version=version + 1)
    _record(events.ANSWER_WITHDRAWN, row, by, at, {"question_zh": row.question_zh})


def _standing(exam: Exam, answer_id: int, version: int) -> Answer:
    row = Answer.objects.select_for_update().get(exam=exam, pk=answer_id)
    if row.version != version or row.withdrawn_at is not None:
        raise Stale
    return row


def _record(kind: str, row: Answer, by: Actor, at: datetime, data: dict[str, object]) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"answer:{row.pk}",
        exam=row.exam.slug,
        office_path=row.office_path,
        rules=["V3.3"],
        data=data,
    )
