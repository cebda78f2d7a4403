"""The book of spare papers: used with the head's consent, reported to the region and by it to the centre (V15.6)."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from keju.kernel.approvals.content import Content
from keju.kernel.approvals.needing import Need
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.notices.services.offices import deliver
from keju.kernel.offices import Actor
from keju.rulebook import enforce
from keju.rulebook.words import Words, t
from keju.stages.custody import events
from keju.stages.custody.models import SealRoom, SpareReport, SpareUse
from keju.stages.custody.queries import people, used_seals
from keju.stages.custody.queries import seal_room as queries
from keju.stages.custody.rules import spares as rules
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.halfday import subject_of
from keju.stages.custody.services.chain import carry_out, did, repeated
from keju.stages.custody.services.half_day import HEAD, RUN
from keju.stages.custody.services.together import SPARE, Signatures, Signing, sign_together, signed_before
from keju.stages.tickets import queries as tickets

DEFECTS: dict[str, Words] = {
    rules.Defect.MISSING_PAGES: t("缺页、漏印", "Pages missing or blank"),
    rules.Defect.MISPRINT: t("错印、错装", "Misprinted or wrongly bound"),
    rules.Defect.DAMAGED: t("发卷前已破损", "Damaged before it was handed out"),
    rules.Defect.BY_CANDIDATE: t("考生自己弄坏", "Damaged by the candidate"),
}


@dataclass(frozen=True)
class Use:
    """What goes into the book."""

    room: int
    ticket: str
    defect: str
    note: str
    spare_serial: int
    defective_serial: int


@write(RUN)
def use_spare(
    *,
    exam: Exam,
    key: UUID,
    site_code: str,
    session: int,
    use: Use,
    head: int,
    code: str,
    by: Actor,
    at: datetime,
) -> Signatures:
    """With the head's signature the spare is out for the candidate, in the book, and reported to the region in writing."""
    use = replace(use, note=use.note.strip()[:300])
    book = SpareUse.objects.filter(exam=exam, seal_room__site_code=site_code, seal_room__session=session)
    before = signed_before(
        exam,
        uuid5(key, "out"),
        lambda row: book.filter(proposal=row.proposal, **asdict(use)).exists(),
        by,
        at,
    )
    if before is not None:
        return before
    board = queries.board(exam, site_code, session, viewer=by)
    row, team, path = board.row, people.team(exam, site_code), board.office_path
    line = board.by_room.get(use.room)
    if row is None or line is None or line.issue is None or line.count is not None:
        raise NotPermitted(hidden=True)
    bag = next(
        (p for p in line.papers if _range(p).has(use.defective_serial)),
        line.papers[0] if line.papers else None,
    )
    categories = {p.container.category for p in line.papers}
    spares = [s for s in board.spares if s.container.category in categories]
    spare = next((s for s in spares if _range(s).has(use.spare_serial)), spares[0] if spares else None)
    seated = {
        one.number
        for one in tickets.room_tickets(viewer=by, exam=exam, site_code=site_code, room_number=use.room)
    }
    enforce(
        rules.check_use(
            defect=use.defect,
            ticket=use.ticket,
            seated=seated,
            defective=use.defective_serial,
            room_bag=_range(bag) if bag else None,
            spare=use.spare_serial,
            spare_bag=_range(spare) if spare else None,
            used=set(book.values_list("spare_serial", flat=True)),
            replaced=set(book.filter(bag_id=bag.pk).values_list("defective_serial", flat=True))
            if bag
            else set(),
            left=spare.inside if spare else 0,
            is_here=spare is None or spare.place == str(board.place),
        )
    )
    signed = sign_together(
        kind=SPARE,
        subject=f"spare:{site_code}/{session}/{use.spare_serial}",
        exam=exam,
        office_path=path,
        content=_content(site_code, session, use),
        needs=[Need(HEAD, 1, path)],
        signings=[Signing(p.person_id, p.name, HEAD, path, code) for p in team.heads if p.person_id == head],
        rules=["V15.6"],
        by=by,
        at=at,
    )
    if signed.is_whole and bag is not None and spare is not None:
        _out(exam, key, row, use, spare, bag, head, signed.proposal.pk, by, at)
    return signed


@write(RUN)
def seal_spares(
    *, exam: Exam, key: UUID, site_code: str, session: int, seals: dict[int, str], by: Actor, at: datetime
) -> int:
    """Opened spare bags are sealed again after the session, all five in them (container → new seal). Returns how many."""
    before = repeated(exam, key, by, at)
    if before is not None:
        if not did(before, Act.SEALED, {pk: Change(seal=seal.strip()) for pk, seal in seals.items()}):
            raise Stale
        return before.containers
    board = queries.board(exam, site_code, session, viewer=by)
    mine = {s.container_id: s for s in board.spares if not s.seal}
    if not seals or not set(seals) <= set(mine):
        raise NotPermitted(hidden=True)
    enforce(
        rules.check_whole(
            {mine[pk].container.code: mine[pk].state.counts for pk in seals},
            [seal.strip() for seal in seals.values()],
            used_seals(exam, board.office_path, list(mine), [seal.strip() for seal in seals.values()]) - {""},
        )
    )
    carry_out(
        exam=exam, key=key, act=Act.SEALED, changes={pk: Change(seal=seal.strip()) for pk, seal in seals.items()},
        office_path=board.office_path, subject=board.subject, rules=["V15.6"], by=by, at=at,
    )  # fmt: skip
    return len(seals)


@write("custody:handover:make")
def report_spares(*, exam: Exam, uses: Collection[int], by: Actor, at: datetime) -> int:
    """The region has passed these uses on to the centre in writing (V15.6); passed on already stay. Returns how many now."""
    found = list(queries.spare_uses(exam, viewer=by).filter(pk__in=uses, report=None))
    lines = [_line(u) for u in found]
    SpareReport.objects.bulk_create(
        SpareReport(use=u, exam=exam, office_path=u.office_path, by=by.ref, at=at) for u in found
    )
    if found:
        deliver(
            exam=exam, title=t("启用备用卷报告：{n}份", "Spare papers used: {n}").format(n=len(found)),
            body=t("\n".join(one.zh for one in lines), "\n".join(one.en for one in lines)), to=["centre"],
            kind="custody", by=by, at=at,
        )  # fmt: skip
    record(
        events.SPARE_REPORTED,
        by=by,
        at=at,
        subject="spares",
        exam=exam.slug,
        rules=["V15.6"],
        data={"uses": [u.pk for u in found]},
    )
    return len(found)


def _out(
    exam: Exam,
    key: UUID,
    row: SealRoom,
    use: Use,
    spare: queries.Holding,
    bag: queries.Holding,
    head: int,
    proposal_id: int,
    by: Actor,
    at: datetime,
) -> None:
    subject = subject_of(row.site_code, row.session)
    common = {
        "exam": exam, "office_path": row.office_path, "subject": subject, "proposal_id": proposal_id, "rules": ["V15.6"],
        "by": by, "at": at,
    }  # fmt: skip
    if spare.seal:
        carry_out(
            key=uuid5(key, "opened"), act=Act.OPENED, changes={spare.container_id: Change(seal="")}, **common
        )
    was = spare.state.counts
    out = Change(counts=replace(was, inside=was.inside - 1, out=was.out + 1))
    carry_out(key=uuid5(key, "out"), act=Act.COUNTED, changes={spare.container_id: out}, **common)
    made = SpareUse.objects.create(
        exam=exam, office_path=row.office_path, seal_room=row, room=use.room, ticket=use.ticket, defect=use.defect,
        note=use.note, spare_id=spare.container_id, spare_serial=use.spare_serial, bag_id=bag.container_id,
        defective_serial=use.defective_serial, consented_by_id=head, proposal_id=proposal_id, by=by.ref, at=at,
    )  # fmt: skip
    record(
        events.SPARE_USED,
        by=by,
        at=at,
        subject=subject,
        exam=exam.slug,
        office_path=row.office_path,
        rules=["V15.6"],
        data={
            "use": made.pk, "room": use.room, "ticket": use.ticket, "defect": use.defect, "spare": use.spare_serial,
            "defective": use.defective_serial, "head": head,
        },
    )  # fmt: skip
    deliver(
        exam=exam, title=t("启用备用卷：{site}", "Spare paper used: {site}").format(site=row.site_code), body=_line(made),
        to=[row.site_code[:2]], kind="custody", by=by, at=at,
    )  # fmt: skip


def _line(u: SpareUse) -> Words:
    return t(
        "{site}第{session}场第{room}考场，准考证{ticket}：{defect}，残缺卷号{defective}，备用卷号{spare}。{note}",
        "{site}, session {session}, room {room}, ticket {ticket}: {defect}; defective paper {defective}, spare {spare}. {note}",
    ).format(
        site=u.seal_room.site_code, session=u.seal_room.session, room=u.room, ticket=u.ticket, defect=DEFECTS[u.defect],
        defective=u.defective_serial, spare=u.spare_serial, note=u.note,
    )  # fmt: skip


def _range(h: queries.Holding) -> rules.Range:
    return rules.Range(h.container.code, h.container.first_serial, h.container.last_serial)


def _content(site: str, session: int, use: Use) -> Content:
    return Content(
        title=t("启用备用卷", "Use a spare paper"),
        facts=[
            (t("考试地点", "Site"), site),
            (t("场次", "Session"), str(session)),
            (t("考场", "Room"), str(use.room)),
            (t("准考证号", "Ticket"), use.ticket),
            (t("原因", "Reason"), DEFECTS[use.defect]),
            (t("说明", "Note"), use.note),
            (t("残缺卷号", "Defective paper"), str(use.defective_serial)),
            (t("备用卷号", "Spare paper"), str(use.spare_serial)),
        ],
        place="custody-spares",
        place_args={"site": site, "session": session},
    )
