"""Scans arrive from a device in batches, each applied once; then the count is finished and signing begins."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from keju.kernel.approvals import services as approvals
from keju.kernel.approvals.models import Proposal
from keju.kernel.approvals.needing import Need
from keju.kernel.audit import Stale, write
from keju.kernel.exams.models import Exam
from keju.kernel.files.photographs import keep
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.bulk import insert_rows, update_rows
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal, enforce
from keju.stages.custody import events, queries
from keju.stages.custody.models import Container, Handover, HandoverBatch, HandoverItem
from keju.stages.custody.queries import handovers as reads
from keju.stages.custody.queries.handover_sheets import content
from keju.stages.custody.rules import handovers as rules
from keju.stages.custody.rules.containers import read_code
from keju.stages.custody.rules.handovers import Flaw, Judged, Scan, Seen, Verdict
from keju.stages.custody.services.handovers import hooks
from keju.stages.custody.services.handovers.excepting import Found, report
from keju.stages.custody.services.handovers.noting import noted
from keju.stages.custody.services.handovers.preparing import changed, locked

MOST = 1000  # scans of a batch
LASTS = timedelta(days=2)  # signatures wait so long
KIND = "custody.handover"
SYSTEM = Actor.system("custody")
SCAN = (
    "batch_id", "handover_id", "office_path", "number", "code", "container_id", "verdict", "seen", "seal", "photo",
    "read_at",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What became of one scan: the code as read, its `Verdict`, and how the item stands ("" if it is none)."""

    code: str
    verdict: str
    seen: str


@write("custody:handover:make")
def scan(
    *, exam: Exam, handover_id: int, key: UUID, found: Sequence[Scan], by: Actor, at: datetime
) -> list[Outcome]:
    """The scans are applied, in their order; what is abnormal is reported and frozen at once (V11.3.3).

    `key`: the batch's id from the device: a second arrival changes nothing and has the same outcome; Stale if it means
    something else. RuleRefused before the announcement, after the count, or without the photo of what is not intact.
    """
    former = HandoverBatch.objects.filter(exam=exam, key=key).first()
    if former is not None:
        return _again(former, handover_id, found, by, at)
    row = locked(exam, handover_id, by, "prepared", "announced", "counting")
    former = HandoverBatch.objects.filter(exam=exam, key=key).first()  # while waiting for the lock
    if former is not None:
        return _again(former, handover_id, found, by, at)
    if not found or len(found) > MOST or any(len(s.code) > 40 or s.state not in rules.SEEN for s in found):
        enforce([Refusal("V11.1", "handover_scans", {"most": MOST}, field="codes")])
    enforce(rules.check_begin(reads.kind_of(exam, row.kind), row.state))
    judged = _judged(exam, row, found, by)
    enforce(rules.check_photos(judged))
    photos = _photos(row, judged, by, at)
    if row.state != "counting":
        row.state, row.begun_at = "counting", row.begun_at or at
        changed(row, "state", "begun_at")
    batch = HandoverBatch.objects.create(
        exam=exam, office_path=row.office_path, handover=row, key=key, digest=_digest(found), by=by.ref, at=at
    )
    insert_rows(
        "custody_handover_scan",
        SCAN,
        (
            (batch.pk, row.pk, row.office_path, n, j.code, j.container_id, str(j.verdict), _kept(j), j.scan.seal[:40],
             photos.get(n, ""), j.scan.read_at)
            for n, j in enumerate(judged, 1)
        ),
    )  # fmt: skip
    _apply(row, judged, at)
    flaws = [
        Found(str(j.flaw), j.code, j.container_id, _detail(j), photos.get(n, ""))
        for n, j in enumerate(judged, 1)
        if j.flaw is not None
    ]
    if flaws:
        report(
            exam=exam, key=uuid5(key, "flaws"), office_path=row.office_path, found=flaws, handover=row, by=by, at=at
        )  # fmt: skip
    data = {"batch": batch.pk, "scans": len(judged), "digest": batch.digest, "abnormal": len(flaws)}
    noted(events.HANDOVER_SCANNED, row, by, at, data)
    return [Outcome(j.code, str(j.verdict), j.seen) for j in judged]


@write("custody:handover:make")
def finish_count(
    *, exam: Exam, handover_id: int, declare_missing: bool = False, by: Actor, at: datetime
) -> Proposal:
    """Everything is accounted for and waits for the signatures of all who are named; the content is what they see.

    `declare_missing`: what was not scanned is missing: reported and frozen at once. RuleRefused while something is neither,
    or a code read twice is not judged.
    """
    row = locked(exam, handover_id, by, "counting", *(("prepared", "announced") if declare_missing else ()))
    enforce(rules.check_begin(reads.kind_of(exam, row.kind), row.state))
    if row.state != "counting":
        row.state, row.begun_at = "counting", at
        changed(row, "state", "begun_at")
    if declare_missing:
        _declare_missing(exam, row, by, at)
    unseen = row.items.filter(seen="").count()
    enforce([*rules.check_counted(unseen, reads.repeats(row)), *_judgement(exam, row, at)])
    proposal = approvals.propose(
        kind=KIND,
        subject=row.subject,
        exam=exam,
        office_path=row.office_path,
        content=content(exam, row),
        needs=needs(row),
        expires_at=at + LASTS,
        rules=["V11.1"],
        by=SYSTEM,  # nobody signs their own proposal, and everybody who counted is to sign
        at=at,
    )
    row.state, row.counted_at, row.proposal = "signing", at, proposal
    changed(row, "state", "counted_at", "proposal")
    noted(events.HANDOVER_COUNTED, row, by, at, {"proposal": proposal.pk, "content": proposal.content_hash})
    return proposal


@write("custody:handover:make")
def reopen(*, exam: Exam, handover_id: int, reason: str, by: Actor, at: datetime) -> Handover:
    """Counting goes on; signatures given so far count no more."""
    row = locked(exam, handover_id, by, "signing")
    if not reason.strip():
        enforce([Refusal("V11.1", "handover_reason", field="reason")])
    recount(row, reason.strip(), at)
    noted(events.HANDOVER_REOPENED, row, by, at, {"reason": reason.strip()[:300]})
    return row


def recount(row: Handover, reason: str, at: datetime) -> None:
    """Back from signing to counting: the proposal is withdrawn."""
    if row.proposal_id is not None:
        approvals.withdraw(proposal_id=row.proposal_id, reason=reason, by=SYSTEM, at=at)
    row.state = "counting"
    changed(row, "state")


def needs(row: Handover) -> list[Need]:
    """Everybody who is named signs, for their side."""
    counted: dict[tuple[str, str], int] = {}
    for person in reads.people(row):
        place = (f"post:{person.post}", path_of(reads.side_code(row, person.side)))
        counted[place] = counted.get(place, 0) + 1
    return [Need(what, count, at_path) for (what, at_path), count in counted.items()]


def _judged(exam: Exam, row: Handover, found: Sequence[Scan], by: Actor) -> list[Judged]:
    codes = {code for s in found if (code := read_code(s.code))}
    expected = reads.expected(row, codes)
    rest = codes - expected.keys()
    others: dict[str, int | None] = {}
    foreign: set[str] = set()
    if rest:
        others = {code: c.pk for code, c in queries.by_codes(exam, rest, viewer=by).items()}
        with acting(SYSTEM):  # that it is somebody's is told, whose is not
            known = dict(Container.objects.filter(exam=exam, code__in=list(rest)).values_list("code", "pk"))
            busy = reads.busy(known.values())
        foreign = {code for code, pk in known.items() if pk in busy}
        others = {code: others.get(code) for code in known}
    return rules.judge(found, expected, others=others, foreign=foreign)


def _apply(row: Handover, judged: Sequence[Judged], at: datetime) -> None:
    """The items stand as last judged."""
    now = {
        j.container_id: (j.seen, j.scan.seal[:40])
        for j in judged
        if j.verdict in (Verdict.EXPECTED, Verdict.REJUDGED)
    }
    ids = dict(row.items.filter(container_id__among=list(now)).values_list("container_id", "pk"))
    update_rows(
        "custody_handover_item",
        "id",
        ("seen", "seen_seal", "seen_at"),
        [(ids[pk], seen, seal, at) for pk, (seen, seal) in now.items() if pk is not None],
    )


def _declare_missing(exam: Exam, row: Handover, by: Actor, at: datetime) -> None:
    gone = list(row.items.filter(seen="").values_list("pk", "code", "container_id"))
    if not gone:
        return
    HandoverItem.objects.filter(pk__in=[g[0] for g in gone]).update(seen=Seen.MISSING, seen_at=at)
    found = [Found(Flaw.MISSING, code, container) for _, code, container in gone]
    report(
        exam=exam, key=uuid5(row.key, f"missing/{row.version}"), office_path=row.office_path, found=found, handover=row,
        by=by, at=at,
    )  # fmt: skip


def _judgement(exam: Exam, row: Handover, at: datetime) -> list[Refusal]:
    ids = list(row.items.exclude(seen=Seen.MISSING).values_list("container_id", flat=True))
    return list(hooks.refusals("sign", exam, row, ids, at))


def _photos(row: Handover, judged: Sequence[Judged], by: Actor, at: datetime) -> dict[int, str]:
    """Number of the scan → SHA-256 of its photo, stored with the handover."""
    shown = [(n, j.scan.photo) for n, j in enumerate(judged, 1) if j.scan.photo]
    if not shown:
        return {}
    kept = keep(
        photos=[photo for _, photo in shown],
        name=f"handover-{row.pk}",
        office_path=row.office_path,
        by=by,
        at=at,
    )
    return {n: photo["sha"] for (n, _), photo in zip(shown, kept, strict=True)}


def _kept(judged: Judged) -> str:
    """What was said of it, where it judges a repeat; else how it stands."""
    return judged.scan.state if judged.scan.state in (Seen.SAME, Seen.DUPLICATE) else judged.seen


def _detail(judged: Judged) -> str:
    return judged.scan.seal[:40] if judged.flaw is Flaw.OTHER_SEAL else ""


def _digest(found: Sequence[Scan]) -> str:
    rows = [[s.code, s.seal, s.state, hashlib.sha256(s.photo).hexdigest() if s.photo else ""] for s in found]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def _again(
    former: HandoverBatch, handover_id: int, found: Sequence[Scan], by: Actor, at: datetime
) -> list[Outcome]:
    if former.handover_id != handover_id or former.digest != _digest(found):
        raise Stale
    noted(events.HANDOVER_SCANNED, former.handover, by, at, {"batch": former.pk, "again": True})
    return [Outcome(s.code, s.verdict, s.seen) for s in former.scans.order_by("number")]
