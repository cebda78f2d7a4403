"""Filing the directory ten days before (V15.1.1), exchanging duty phones five days before (V15.1.4), and phones in clear."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.duties import services as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.notices import services as notices
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office, path_of
from keju.rulebook import enforce
from keju.rulebook.words import t
from keju.stages.staffing import events
from keju.stages.staffing.models import Filing
from keju.stages.staffing.queries import rosters as queries
from keju.stages.staffing.queries.rosters import DirectoryPage, Entry, OnDuty

RULES = {Filing.DIRECTORY: "V15.1.1", Filing.PHONES: "V15.1.4"}
TITLES = {
    Filing.DIRECTORY: t(
        "{office}：负责人、值班人员和电话", "{office}: responsible persons, duty staff and phones"
    ),
    Filing.PHONES: t("{office}：值班电话", "{office}: duty phones"),
}
BODY = t(
    "{office}报送第{number}版，共{people}条。电话在“通讯录”中查看，查看会留下记录。",
    "{office} sends version {number} with {people:entry|entries}. The numbers stand in the phone directory; looking at them is "
    "recorded.",
)


@write("staffing:roster:make")
def file_directory(*, exam: Exam, office_codes: Sequence[str], by: Actor, at: datetime) -> list[Filing]:
    """Each office has filed its responsible persons, duty staff and phones: frozen, sent up with a receipt, its duty done.

    Regions file with centre and office, points with their region. Refused, with nothing filed, while anything is missing.
    """
    return _file(exam, Filing.DIRECTORY, office_codes, events.DIRECTORY_FILED, by, at)


@write("staffing:roster:make")
def exchange_phones(*, exam: Exam, office_codes: Sequence[str], by: Actor, at: datetime) -> list[Filing]:
    """Each office has told its duty phones to the office above and to those below: frozen, with receipts, its duty done."""
    return _file(exam, Filing.PHONES, office_codes, events.PHONES_EXCHANGED, by, at)


def _file(
    exam: Exam, what: str, office_codes: Sequence[str], event: str, by: Actor, at: datetime
) -> list[Filing]:
    codes = list(dict.fromkeys(office_codes))
    for code in codes:
        if not path_of(code).startswith(by.office_path or "-") or not _receivers(exam, what, code):
            raise NotPermitted("staffing:roster:make", hidden=True)
    found = queries.fileable(exam, what, codes)
    enforce(r for one in found for r in one.refusals)
    last = dict(
        Filing.objects.filter(exam=exam, what=what, office_code__in=codes)
        .values_list("office_code")
        .annotate(Max("number"))
    )
    rows = []
    for one in found:
        number = last.get(one.office_code, 0) + 1
        content = json.dumps([_plain(e) for e in one.entries], ensure_ascii=False, sort_keys=True)
        facts = {"office": office(one.office_code).name, "number": number, "people": len(one.entries)}
        sender = Actor(by.ref, by.name, by.role, one.office_code, path_of(one.office_code))
        with acting(by):
            notice = notices.deliver(
                exam=exam,
                title=TITLES[what].format(**facts),
                body=BODY.format(**facts),
                to=_receivers(exam, what, one.office_code),
                kind=what,
                by=sender,
                at=at,
            )
        rows.append(
            Filing(
                exam=exam,
                office_path=path_of(one.office_code),
                office_code=one.office_code,
                what=what,
                number=number,
                people=len(one.entries),
                entries=content,
                content_hash=hashlib.sha256(content.encode()).hexdigest(),
                notice=notice,
                filed_by=by.ref,
                filed_at=at,
            )
        )
    Filing.objects.bulk_create(rows, batch_size=500)
    digest = hashlib.sha256("\n".join(row.content_hash for row in rows).encode()).hexdigest()
    duties.discharge_many(
        exam=exam, rule=RULES[what], owners=codes, evidence=f"filing:{digest[:16]}", by=by, at=at
    )
    record(
        event,
        by=by,
        at=at,
        subject=f"filing:{rows[0].pk}" if len(rows) == 1 else "filings",
        exam=exam.slug,
        office_path=rows[0].office_path if len(rows) == 1 else by.office_path,
        rules=[RULES[what]],
        data={"offices": codes[:200], "people": sum(row.people for row in rows), "digest": digest},
    )
    return rows


def _receivers(exam: Exam, what: str, code: str) -> list[str]:
    """Who is told: the directory goes up; phones go up and down. None where the office files nothing."""
    kind = str(office(code).kind)
    up = {"centre": ["office"], "region": ["centre", "office"], "point": [code[:2]]}.get(kind, [])
    if what == Filing.DIRECTORY:
        return [] if kind == "centre" else up
    if kind == "region":
        return [
            "centre",
            *(o.office_id for o in exams.openings(exam, "point") if o.office_id.startswith(code)),
        ]
    return up + [o.office_id for o in exams.openings(exam, "region")] if kind == "centre" else up


def _plain(e: Entry) -> dict[str, str]:
    hours = (
        {"from": e.starts_at.isoformat(), "until": e.ends_at.isoformat()} if e.starts_at and e.ends_at else {}
    )
    return {
        "section": e.section, "name": e.name, "post": e.post, "phone": e.phone, "kind": e.kind, "place": e.place, **hours,
    }  # fmt: skip


@write("staffing:phone:unmask")
def show_on_duty(
    *, exam: Exam, moment: datetime, kind: str = "", office_code: str = "", by: Actor, at: datetime
) -> tuple[list[OnDuty], list[OnDuty]]:
    """Who is on duty at the moment, at the actor's offices and at those above, with telephones in clear; on record."""
    mine = queries.on_duty(exam, moment, viewer=by, kind=kind, office_code=office_code, clear=True)
    above = queries.above(exam, moment, viewer=by, clear=True)
    note_shown(exam=exam, members=[row.member_id for row in [*above, *mine]], where="on duty", by=by, at=at)
    return mine, above


@write("staffing:phone:unmask")
def show_directory(
    *,
    exam: Exam,
    text: str = "",
    office_code: str = "",
    kind: str = "",
    after: str = "",
    by: Actor,
    at: datetime,
) -> DirectoryPage:
    """A page of the directory with telephones in clear; on record."""
    page = queries.directory(
        exam, viewer=by, text=text, office=office_code, kind=kind, after=after, clear=True
    )
    note_shown(exam=exam, members=[e.member_id for e in page.entries], where="directory", by=by, at=at)
    return page


@write("staffing:phone:unmask")
def take_directory(
    *, exam: Exam, text: str = "", office_code: str = "", kind: str = "", by: Actor, at: datetime
) -> list[Entry]:
    """Everything that the filters leave of the directory with telephones in clear, for a sheet or a print; on record."""
    entries = queries.whole_directory(exam, viewer=by, text=text, office=office_code, kind=kind, clear=True)
    note_shown(exam=exam, members=[e.member_id for e in entries], where="whole directory", by=by, at=at)
    return entries


@write("staffing:phone:unmask")
def show_roster(*, exam: Exam, roster_id: int, by: Actor, at: datetime) -> dict[str, str]:
    """Shift (uid) → the telephone by which who stands there is reached, in clear; on record."""
    made = queries.detail(exam, roster_id, viewer=by)
    note_shown(
        exam=exam,
        members=[line.row.member_id for line in made.lines],
        where=f"roster:{roster_id}",
        by=by,
        at=at,
    )
    return {str(line.row.uid): line.row.phone or line.row.member.person.phone for line in made.lines}


@write("staffing:phone:unmask")
def note_shown(*, exam: Exam, members: Sequence[int], where: str, by: Actor, at: datetime) -> None:
    """It is on record that the actor has the telephones of these members in clear, and where."""
    people = sorted(set(members))
    record(
        events.PHONES_SHOWN,
        by=by,
        at=at,
        subject=f"member:{people[0]}" if len(people) == 1 else "members",
        exam=exam.slug,
        rules=["V15.1.1"],
        data={"where": where, "count": len(people), "members": people[:200]},
    )
