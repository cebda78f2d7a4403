"""The papers of a half-day leave the store, stand in the seal room, and come back (V15.2, V11.2.3, V16.1.1)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from keju.kernel.approvals.content import Content, Table
from keju.kernel.approvals.needing import Need
from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office, path_of
from keju.rulebook import enforce
from keju.rulebook.words import Words, t
from keju.stages.custody import events
from keju.stages.custody.models import Holding, SealRoom
from keju.stages.custody.params import Params
from keju.stages.custody.queries import drawing, people
from keju.stages.custody.queries import seal_room as queries
from keju.stages.custody.queries.drawing import Drawable
from keju.stages.custody.queries.handovers import check_idle
from keju.stages.custody.queries.naming import place_names
from keju.stages.custody.rules import halfday, places
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.seal_room import Seen
from keju.stages.custody.services.attempts import Refused, remembered
from keju.stages.custody.services.chain import carry_out, did
from keju.stages.custody.services.together import (
    BACK,
    WITHDRAW,
    Signatures,
    Signing,
    sign_together,
    signed_before,
)

STAFF, OFFICER, HEAD = "post:staff", "post:officer", "post:head"
RUN = "custody:seal_room:run"


@dataclass(frozen=True)
class Escort:
    """Who goes with the papers: at least two staff and the confidential officer watching, each with a code of their own."""

    officer: int
    staff: Sequence[int]
    codes: dict[int, str]


def withdraw(
    *,
    exam: Exam,
    key: UUID,
    site_code: str,
    session: int,
    seen: Sequence[Seen],
    head: int,
    escort: Escort,
    by: Actor,
    at: datetime,
) -> Signatures | Refused:
    """As `withdraw_signed`; what is refused as another half-day's stays on record as an attempt."""
    return remembered(
        lambda: withdraw_signed(
            exam=exam, key=key, site_code=site_code, session=session, seen=seen, head=head, escort=escort, by=by, at=at
        ),
        exam=exam, office_path=path_of(site_code), subject=halfday.subject_of(site_code, session), by=by, at=at,
    )  # fmt: skip


@write(RUN)
def withdraw_signed(
    *,
    exam: Exam,
    key: UUID,
    site_code: str,
    session: int,
    seen: Sequence[Seen],
    head: int,
    escort: Escort,
    by: Actor,
    at: datetime,
) -> Signatures:
    """When all have signed, the containers (`seen`: code and seal as read) stand in the site's seal room, which is in use.

    `head`: who answers for the seal room. Refused for other papers, another day, fewer people, a seal that differs.
    """
    path, ids = own_path(by, site_code), _ids(exam, [s.code for s in seen], by)
    to = Change(place=str(places.seal_room(site_code)), place_path=path, holder_id=escort.officer)
    before = signed_before(exam, key, lambda row: did(row, Act.MOVED, dict.fromkeys(ids, to)), by, at)
    if before is not None:
        return before
    found = drawing.drawn(exam, ids)
    by_code = {one.holding.container.code: one for one in found.values()}
    served = [replace(bag, code=one.holding.container.code) for one in found.values() for bag in one.serves]
    team, least = people.team(exam, site_code), exams.params(exam, Params).withdrawal_staff
    officers = {one.person_id for one in team.officers} & {escort.officer}
    staff = {one.person_id for one in (*team.staff, *team.officers)} & set(escort.staff)
    enforce(
        [
            *halfday.check_drawn([s.code for s in seen if s.code not in by_code], found),
            *halfday.check_withdrawal(
                served, site=site_code, session=session, starts=queries.starts(exam), at=at
            ),
            *halfday.check_packing(
                {one.holding.container.code: (one.holding.place, one.holding.seal) for one in found.values()},
                {s.code: s.seal for s in seen},
            ),
            *halfday.check_staff("V15.2", staff, officers, least),
            *halfday.check_head(head, [one.person_id for one in team.heads]),
            *check_idle({pk: one.holding.container.code for pk, one in found.items()}),
        ]
    )
    signed = sign_together(
        kind=WITHDRAW,
        subject=halfday.subject_of(site_code, session),
        exam=exam,
        office_path=path,
        content=_content(
            t("领取试卷到封卷室", "Draw papers to the seal room"),
            site_code,
            session,
            found.values(),
            exam=exam,
            to=str(places.seal_room(site_code)),
            head=team.name_of(head),
        ),
        needs=[Need(STAFF, least, path), Need(OFFICER, 1, path)],
        signings=_signings(escort, team, path),
        rules=["V15.2", "V11.1"],
        by=by,
        at=at,
    )
    if signed.is_whole:
        carry_out(
            exam=exam, key=key, act=Act.MOVED, changes=dict.fromkeys(found, to), office_path=path,
            subject=halfday.subject_of(site_code, session), proposal_id=signed.proposal.pk, rules=["V15.2"], by=by, at=at,
        )  # fmt: skip
        _in_use(exam, path, site_code, session, head, escort.officer, by, at)
        record(
            events.WITHDRAWN,
            by=by,
            at=at,
            subject=halfday.subject_of(site_code, session),
            exam=exam.slug,
            office_path=path,
            rules=["V15.2"],
            data={"containers": len(found), "bags": len(served), "staff": sorted(staff), "head": head},
        )
    return signed


@write(RUN)
def bring_back(
    *,
    exam: Exam,
    key: UUID,
    site_code: str,
    session: int,
    store: str,
    escort: Escort,
    by: Actor,
    at: datetime,
) -> Signatures:
    """When all have signed, every paper and card of the session that is in the seal room lies in the store ("store:15").

    Refused while a room is not counted back, a bag is open, or with fewer people than at the withdrawal (V16.1.1).
    """
    path = own_path(by, site_code)
    subject = halfday.subject_of(site_code, session)
    before = signed_before(
        exam,
        key,
        lambda row: row.subject == subject and {s.place for s in row.steps.all()} == {store},
        by,
        at,
    )
    if before is not None:
        return before
    board = queries.board(exam, site_code, session, viewer=by)
    going = {pk: h for pk, h in board.held.items() if h.place == str(board.place)}
    team, least = people.team(exam, site_code), exams.params(exam, Params).withdrawal_staff
    staff = {one.person_id for one in (*team.staff, *team.officers)} & set(escort.staff)
    officers = {one.person_id for one in team.officers} & {escort.officer}
    enforce(
        [
            *halfday.check_back(
                not_back=[str(line.room) for line in board.rooms if line.issue and not line.count],
                open_bags=[h.container.code for h in going.values() if not h.seal],
                bags=len(going),
            ),
            *halfday.check_staff("V16.1.1", staff, officers, least),
        ]
    )
    signed = sign_together(
        kind=BACK,
        subject=halfday.subject_of(site_code, session),
        exam=exam,
        office_path=path,
        content=_content(
            t("试卷、答题卡送回保密室", "Papers and cards back to the store"), site_code, session,
            [Drawable(h, []) for h in going.values()], exam=exam, to=store,
        ),
        needs=[Need(STAFF, least, path), Need(OFFICER, 1, path)],
        signings=_signings(escort, team, path),
        rules=["V16.1.1", "V11.1"],
        by=by,
        at=at,
    )  # fmt: skip
    if signed.is_whole:
        changes = {
            pk: Change(place=store, place_path=path_of(h.custodian), holder_id=escort.officer)
            for pk, h in going.items()
        }
        carry_out(
            exam=exam, key=key, act=Act.MOVED, changes=changes, office_path=path,
            subject=halfday.subject_of(site_code, session), proposal_id=signed.proposal.pk, rules=["V16.1.1"], by=by, at=at,
        )  # fmt: skip
        record(
            events.BACK_IN_STORE,
            by=by,
            at=at,
            subject=halfday.subject_of(site_code, session),
            exam=exam.slug,
            office_path=path,
            rules=["V16.1.1"],
            data={"containers": len(changes), "store": store, "staff": sorted(staff)},
        )
    return signed


def _in_use(
    exam: Exam, path: str, site: str, session: int, head: int, officer: int, by: Actor, at: datetime
) -> None:
    """A later withdrawal of the same half-day (what was left behind) finds the seal room in use."""
    SealRoom.objects.get_or_create(
        exam=exam,
        site_code=site,
        session=session,
        defaults={
            "office_path": path, "head_id": head, "officer_id": officer, "opened_by": by.ref, "opened_at": at,
        },
    )  # fmt: skip


def own_path(by: Actor, site_code: str) -> str:
    """The path of the site; hidden outside of the actor's scope."""
    path = path_of(site_code)
    if not path.startswith(by.office_path or "-"):
        raise NotPermitted(hidden=True)
    return path


def _ids(exam: Exam, codes: Sequence[str], by: Actor) -> list[int]:
    rows = Holding.objects.filter(exam=exam, container__code__in=codes)
    path = by.office_path
    return list(
        rows.filter(office_path__gte=path, office_path__lt=path + "~").values_list("container_id", flat=True)
    )


def _signings(escort: Escort, team: people.Team, path: str) -> list[Signing]:
    who = [(escort.officer, OFFICER), *((p, STAFF) for p in escort.staff if p != escort.officer)]
    return [Signing(p, team.name_of(p), post, path, escort.codes.get(p, "")) for p, post in who]


def _content(
    title: Words, site: str, session: int, found: Collection[Drawable], *, exam: Exam, to: str, head: str = ""
) -> Content:
    """What those who go with the papers sign: from where to where, who answers in the seal room, and every piece."""
    froms = {one.holding.place for one in found}
    named = place_names(exam, froms | {to})
    origin = (
        "、".join(named[place].zh for place in sorted(froms)),
        ", ".join(named[place].en for place in sorted(froms)),
    )
    rows = [
        (one.holding.container.code, one.holding.seal, str(len(one.serves) or 1))
        for one in sorted(found, key=lambda d: d.holding.container.code)
    ]
    return Content(
        title=title,
        facts=[
            (t("考试地点", "Site"), office(site).name),
            (t("场次", "Session"), next(s.name for s in exams.sessions(exam) if s.number == session)),
            (t("从", "From"), t(*origin)),
            (t("送到", "To"), named[to]),
            *([(t("负责封卷室的主考", "Head of the seal room"), head)] if head else []),
            (t("件数", "Pieces"), str(len(found))),
        ],
        tables=[Table([t("编号", "Code"), t("封条", "Seal"), t("袋数", "Bags")], rows)],
        place="custody-seal-room",
        place_args={"site": site, "session": session},
    )
