"""A region's publication in other media, with evidence."""

from datetime import date, datetime

from django.core.exceptions import ValidationError

from keju.kernel.audit import Stale, record, write
from keju.kernel.calendar import CHINA
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook import enforce
from keju.rulebook.words import t
from keju.stages.announcement import events, rules
from keju.stages.announcement.models import Medium, Publication
from keju.stages.announcement.services.regions import own_only


@write("announcement:region:publish")
def record_publication(
    *,
    exam: Exam,
    region_code: str,
    medium: str,
    title: str,
    published_on: date,
    link: str = "",
    evidence: str = "",
    by: Actor,
    at: datetime,
) -> Publication:
    """It is on record that the region published there on that day. `evidence` is the name of a stored file."""
    path = path_of(region_code)
    own_only(by, path)
    enforce(
        rules.check_publication(
            published_on, at.astimezone(CHINA).date(), proved=bool(evidence or link.strip())
        )
    )
    made = Publication.objects.create(
        exam=exam,
        office_path=path,
        region_code=region_code,
        medium=Medium(medium),
        title=title.strip(),
        published_on=published_on,
        link=link.strip(),
        evidence=evidence,
        recorded_by=by.ref,
        recorded_at=at,
    )
    data = {
        "medium": medium,
        "title": made.title,
        "published_on": published_on,
        "link": made.link,
        "evidence": evidence,
    }
    _record(events.PUBLICATION_RECORDED, made, by, at, data)
    return made


@write("announcement:region:publish")
def strike_publication(*, exam: Exam, publication_id: int, reason: str, by: Actor, at: datetime) -> None:
    """The entry no longer counts and is no longer public; it stays with the reason."""
    if not reason.strip():
        raise ValidationError(str(t("请写明划去的理由。", "State why the entry is struck out.")))
    row = Publication.objects.select_for_update().get(exam=exam, pk=publication_id)
    own_only(by, row.office_path)
    if row.struck_at is not None:
        raise Stale
    Publication.objects.filter(pk=row.pk).update(struck_at=at, struck_reason=reason.strip())
    _record(events.PUBLICATION_STRUCK, row, by, at, {"reason": reason.strip()})


def _record(kind: str, row: Publication, by: Actor, at: datetime, data: dict[str, object]) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"publication:{row.pk}",
        exam=row.exam.slug,
        office_path=row.office_path,
        rules=["V3.3"],
        data=data,
    )
