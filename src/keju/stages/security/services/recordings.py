"""Recordings: entered in bulk, verified again, replayed. Disposal is in `disposing`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from keju.kernel.audit import record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.sheets import Column, read_table
from keju.rulebook import Refusal, enforce
from keju.rulebook.words import t
from keju.stages.security import events
from keju.stages.security.models import Recording, RecordingCheck, Replay
from keju.stages.security.queries import people
from keju.stages.security.queries import recordings as queries
from keju.stages.security.rules import recordings as rules
from keju.stages.security.services.findings import NewFinding, raise_here
from keju.stages.security.services.importing import ImportResult, refused
from keju.stages.venues import queries as venues

COLUMNS = (
    Column("site", t("考试地点编号", "Site code"), required=True, max_length=7),
    Column("room", t("考场号", "Room"), required=True, kind="int"),
    Column("session", t("场次", "Session"), required=True, kind="int"),
    Column("medium", t("介质", "Medium"), required=True, max_length=80),
    Column("sha256", t("校验值（SHA-256）", "Checksum (SHA-256)"), required=True, max_length=64),
    Column("size", t("大小（字节）", "Size (bytes)"), required=True, kind="int"),
    Column("custodian", t("保管人", "Keeper"), required=True, max_length=80),
    Column("place", t("存放地点", "Place"), required=True, max_length=120),
)


@dataclass(frozen=True)
class NewRecording:
    site_code: str
    room: int
    session: int
    medium: str
    sha256: str
    size: int
    custodian_id: int
    place: str


@write("security:recording:keep")
def enter_recordings(*, exam: Exam, rows: Sequence[NewRecording], by: Actor, at: datetime) -> list[Recording]:
    """Each is in the register, kept until the term is over: all or none."""
    enforce([r for one in _refused_each(exam, rows, by, at) for r in one])
    sites = {site.code: site for site in venues.sites(exam, viewer=by)}
    terms = {
        code: queries.keep_until(exam, sites[code].office_path) for code in {one.site_code for one in rows}
    }
    made = Recording.objects.bulk_create(
        Recording(
            exam=exam,
            office_path=sites[one.site_code].office_path,
            site_code=one.site_code,
            room=one.room,
            session=one.session,
            medium=one.medium.strip(),
            sha256=one.sha256,
            size=one.size,
            custodian_id=one.custodian_id,
            place=one.place.strip(),
            keep_until=terms[one.site_code],
            entered_by=by.ref,
            entered_at=at,
        )
        for one in rows
    )
    record(
        events.RECORDINGS_ENTERED,
        by=by,
        at=at,
        subject=f"recordings:{len(made)}",
        exam=exam.slug,
        rules=[queries.clause(exam)],
        data={"sites": sorted(terms), "count": len(made), "keep_until": terms},
    )
    return made


@write("security:recording:keep")
def import_recordings(*, exam: Exam, data: bytes, filename: str, by: Actor, at: datetime) -> ImportResult:
    """Every row is a recording, or nothing is changed and `errors` say which rows are wrong and why."""
    table = read_table(data, filename=filename, columns=COLUMNS, max_rows=20_000)
    known = queries.people_called((row.values["custodian"].strip() for row in table.rows), by.office_path)
    rows = [
        NewRecording(
            v["site"].strip(), v["room"], v["session"], v["medium"], v["sha256"].strip().lower(), v["size"],
            known.get(v["custodian"].strip(), 0), v["place"],
        )
        for v in (row.values for row in table.rows)
    ]  # fmt: skip
    against, event = _refused_each(exam, rows, by, at), events.RECORDINGS_REFUSED
    if wrong := refused(event, exam=exam, table=table, against=against, subject="recordings", by=by, at=at):
        return wrong
    return ImportResult(len(enter_recordings(exam=exam, rows=rows, by=by, at=at)), [])


@write("security:recording:keep")
def verify(
    *, exam: Exam, recording_id: int, sha256: str, finding: NewFinding | None = None, by: Actor, at: datetime
) -> RecordingCheck:
    """The checksum was computed again; a difference is a finding with its owner and term."""
    row = queries.recording(exam, recording_id, viewer=by)
    clause, found = queries.clause(exam), sha256.strip().lower()
    matches = found == row.sha256
    refusals = (
        [] if rules.SHA.fullmatch(found) else [Refusal(clause, "security_recording_sha", field="sha256")]
    )
    if not refusals and not matches and finding is None:
        refusals = [Refusal(clause, "security_replay_odd", field="sha256")]
    enforce(refusals)
    if finding is not None and not matches:
        raise_here(exam=exam, found=[finding], by=by, at=at)
    check = RecordingCheck.objects.create(
        recording=row, office_path=row.office_path, sha256=found, matches=matches, by_ref=by.ref, at=at
    )
    _event(exam, events.RECORDING_VERIFIED, row, clause, {"matches": matches, "sha256": found}, by, at)
    return check


@write("security:inspection:make")
def replay(
    *,
    exam: Exam,
    recording_id: int,
    from_minute: int,
    to_minute: int,
    seen: str,
    finding: NewFinding | None = None,
    by: Actor,
    at: datetime,
) -> Replay:
    """The span was watched; what was odd is a finding with its owner and term."""
    row = queries.recording(exam, recording_id, viewer=by)
    clause = queries.replay_clause(exam)
    odd = finding is not None
    enforce(rules.check_replay(clause, from_minute, to_minute, seen, odd, odd))
    raised = raise_here(exam=exam, found=[finding], by=by, at=at)[0] if finding else None
    made = Replay.objects.create(
        recording=row,
        office_path=row.office_path,
        from_minute=from_minute,
        to_minute=to_minute,
        seen=seen.strip(),
        odd=odd,
        finding=raised,
        by_ref=by.ref,
        at=at,
    )
    facts = {"from": from_minute, "to": to_minute, "odd": odd}
    _event(exam, events.RECORDING_REPLAYED, row, clause, facts, by, at)
    return made


def _refused_each(exam: Exam, rows: Sequence[NewRecording], by: Actor, at: datetime) -> list[list[Refusal]]:
    clause, ended = queries.clause(exam), queries.over(exam, at)
    sites = {site.code: site for site in venues.sites(exam, viewer=by)}
    rooms = {
        code: {r.number for r in venues.rooms(sites[code]) if r.kind in ("exam", "separate")}
        for code in {one.site_code for one in rows}
        if code in sites
    }
    keepers = {pk for pk in {one.custodian_id for one in rows} if people.is_person_of(pk, by.office_path)}
    codes = list(rooms)
    there = set(
        Recording.objects.filter(exam=exam, site_code__in=codes).values_list(
            "site_code", "room", "session", "sha256"
        )
    )
    found = []
    for one in rows:
        key = (one.site_code, one.room, one.session, one.sha256)
        against = list(
            rules.check_recording(
                clause, one.room, rooms.get(one.site_code, ()), one.session, ended, one.sha256, one.size,
                one.custodian_id in keepers, one.place,
            )
        )  # fmt: skip
        if key in there:
            against.append(Refusal(clause, "security_recording_known", field="sha256"))
        there.add(key)
        found.append(against)
    return found


def _event(
    exam: Exam, kind: str, row: Recording, clause: str, data: dict[str, object], by: Actor, at: datetime
) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"recording:{row.pk}",
        exam=exam.slug,
        office_path=row.office_path,
        rules=[clause],
        data=data,
    )
