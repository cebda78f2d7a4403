"""Making exams and moving their calendar."""

from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError

from keju.kernel.audit import record, write
from keju.kernel.calendar import CHINA
from keju.kernel.exams.models import Exam, Milestone, Opening, Session, Subject
from keju.kernel.offices.actors import Actor
from keju.kernel.offices.models import Office
from keju.rulebook import load_programme
from keju.rulebook.words import t


@write("exams:exam:manage")
def make(
    *,
    slug: str,
    programme: str,
    year: int,
    exam_day: date,
    rules_as_of: date,
    is_rehearsal: bool,
    by: Actor,
    at: datetime,
    clock_shift: timedelta = timedelta(),
) -> Exam:
    """The exam stands with the programme's subjects and sessions on `exam_day`; its law is pinned for ever."""
    rules = load_programme(programme)
    suffix = ("（演练）", " (rehearsal)") if is_rehearsal else ("", "")
    exam = Exam.objects.create(
        slug=slug,
        programme=programme,
        year=year,
        rules_as_of=rules_as_of,
        name_zh=f"{year}年{rules.name.zh}{suffix[0]}",
        name_en=f"{rules.name.en} {year}{suffix[1]}",
        is_rehearsal=is_rehearsal,
        clock_shift=clock_shift,
        made_at=at,
    )
    for s in rules.sessions:
        session = Session.objects.create(
            exam=exam,
            number=s.number,
            name_zh=s.name.zh,
            name_en=s.name.en,
            starts_at=_on(exam_day, s.day, s.starts),
            ends_at=_on(exam_day, s.day, s.ends),
        )
        first = 1
        for subject in (x for x in rules.subjects if x.session == s.number):
            Subject.objects.create(
                exam=exam,
                session=session,
                code=subject.code,
                name_zh=subject.name.zh,
                name_en=subject.name.en,
                order=subject.order,
                first_question=first,
                questions=subject.questions,
                options=subject.options,
            )
            first += subject.questions
    record(
        "exams.exam.made",
        by=by,
        at=at,
        subject=f"exam:{slug}",
        exam=slug,
        data={"programme": programme, "year": year, "rules_as_of": rules_as_of, "exam_day": exam_day},
    )
    return exam


@write(None)
def set_milestone(
    *, exam: Exam, key: str, when: datetime, office_path: str = "/", by: Actor, at: datetime
) -> None:
    """The milestone is known, for the nation or one office's calendar. Stages use `duties.services.reach`."""
    if key not in {m.key for m in load_programme(exam.programme).milestones}:
        raise ValidationError(
            str(t(f"本项目没有“{key}”这个节点。", f"This programme has no milestone “{key}”."))
        )
    Milestone.objects.update_or_create(exam=exam, office_path=office_path, key=key, defaults={"at": when})
    record(
        "exams.milestone.set",
        by=by,
        at=at,
        subject=f"milestone:{key}",
        exam=exam.slug,
        office_path=office_path,
        data={"key": key, "at": when},
    )


@write("exams:opening:set")
def open_office(*, exam: Exam, office: Office, by: Actor, at: datetime, **facts: str) -> Opening:
    """The office takes part with these facts (leader, address, contact, phone, hours); earlier ones are replaced."""
    opening, _ = Opening.objects.update_or_create(
        exam=exam, office=office, defaults={"office_path": office.path, **facts}
    )
    record(
        "exams.office.opened",
        by=by,
        at=at,
        subject=f"office:{office.code}",
        exam=exam.slug,
        office_path=office.path,
        rules=["V1.4", "V1.6"],
        data={k: v for k, v in facts.items() if k not in {"phone", "contact"}},
    )
    return opening


@write("exams:clock:shift")
def shift_clock(*, exam: Exam, to: datetime, real_now: datetime, by: Actor, at: datetime) -> None:
    """A rehearsed exam's clock now shows `to`. It only moves forward: what happened stays before what comes."""
    if not exam.is_rehearsal:
        raise ValidationError(
            str(t("只有演练考试的时钟可以拨动。", "Only a rehearsed exam's clock can be moved."))
        )
    shift = to - real_now
    if shift < exam.clock_shift:
        raise ValidationError(str(t("时钟只能向前拨。", "The clock only moves forward.")))
    Exam.objects.filter(pk=exam.pk).update(clock_shift=shift)
    exam.clock_shift = shift
    record("exams.clock.shifted", by=by, at=at, subject=f"exam:{exam.slug}", exam=exam.slug, data={"to": to})


def _on(first: date, day: int, clock: time) -> datetime:
    return datetime.combine(first + timedelta(days=day - 1), clock, tzinfo=CHINA)
