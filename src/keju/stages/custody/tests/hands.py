"""People who hand over and receive, each with signing codes, and a box on its way from the printing house to a store."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pypdfium2 as pdfium
import pytest
from django.db import transaction

from keju.kernel.accounts import services as accounts
from keju.kernel.approvals.models import Proposal
from keju.kernel.audit.models import Event
from keju.kernel.exams import clearing
from keju.kernel.exams import queries as exams
from keju.kernel.exams.clearing import NewClearance
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.rulebook import RuleRefused
from keju.stages.custody.models import Container, Handover, Holding
from keju.stages.custody.queries import handovers as reads
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.containers import Kind
from keju.stages.custody.rules.handovers import Named, Scan
from keju.stages.custody.services import handovers
from keju.stages.custody.services.chain import carry_out
from keju.stages.custody.tests.world import CENTRE_PAPERS, MADE_AT, key
from keju.stages.staffing.models import Appointment, Member
from keju.stages.staffing.tests import crowd

SYSTEM = Actor.system("test")
REGION_SIDES = ("centre", "13")
DAY = MADE_AT + timedelta(days=1)
CAST = {
    "centre": ["printer", "centre_paper_officer", "centre_paper_officer", "centre_confidential_officer", "carrier",
               "carrier"],
    "13": ["region_leader", "region_paper_receiver", "region_paper_receiver", "region_paper_escort",
           "region_confidential_officer", "region_mail_officer"],
    "1301": ["chief_examiner", "paper_receiver", "paper_keeper", "paper_escort", "point_confidential_officer"],
}  # fmt: skip


@dataclass
class Cast:
    """Who may take part, by office and post, and the codes of their sheets not used yet."""

    exam: Exam
    posts: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    codes: dict[int, list[str]] = field(default_factory=dict)

    def code(self, person: int) -> str:
        """The next code of their sheet."""
        return self.codes[person].pop()

    def people(self, kind: str, sender: str, receiver: str) -> list[Named]:
        """As few people as the kind needs, nobody twice."""
        taken: set[int] = set()
        named = []
        for need in reads.kind_of(self.exam, kind).people:
            office = sender if need.side == "sender" else receiver
            pool = [p for post in need.posts for p in self.posts.get((office, post), []) if p not in taken]
            for person in pool[: reads.least(self.exam, need)]:
                taken.add(person)
                named.append(Named(need.side, need.role, person))
        return named

    def one_code_each(self, people: Sequence[Named]) -> dict[int, str]:
        return {p.person_id: self.code(p.person_id) for p in people}


def cast(exam: Exam, offices: Sequence[str] = ("centre", "13"), codes: int = 5) -> Cast:
    """Everybody of these offices is appointed, in force and trained, and has a sheet of codes that nobody else has seen."""
    made = Cast(exam)
    needed = {post.code: post.needs.training for post in exams.programme(exam).posts}
    with acting(SYSTEM):
        for office in offices:
            members = crowd.members(
                len(CAST[office]), first=Member.objects.count() + 9000, home=path_of(office)
            )
            for post, member in zip(CAST[office], members, strict=True):
                made.posts.setdefault((office, post), []).append(member.person_id)
                Appointment.objects.create(
                    exam=exam, member=member, post=post, office_path=path_of(office), office_code=office,
                    state="accepted", made_by="test", made_at=DAY, decided_at=DAY,
                )  # fmt: skip
                passed = [NewClearance(member.person_id, path_of(office), m, "test") for m in needed[post]]
                if passed:
                    clearing.clear(exam=exam, passed=passed, by=SYSTEM, at=DAY)
        everyone = [p for pool in made.posts.values() for p in pool]
        made.codes = accounts.issue_signing_sheets(person_ids=everyone, count=codes, by=SYSTEM, at=DAY)
    return made


def boxes(exam: Exam) -> list[int]:
    """Every box."""
    with acting(SYSTEM):
        return list(Container.objects.filter(exam=exam, kind=Kind.BOX).values_list("pk", flat=True))


def arranged(
    who: Cast,
    kind: str,
    ids: list[int],
    place: str,
    *,
    sides: tuple[str, str] = ("centre", "centre"),
    by: Actor = CENTRE_PAPERS,
    at: datetime = DAY,
    people: list[Named] | None = None,
    name: str = "",
) -> Handover:
    """A prepared handover."""
    with acting(by):
        return handovers.prepare(
            exam=who.exam, key=key(name or kind), kind=kind, container_ids=ids, sender_office=sides[0],
            receiver_office=sides[1], place=place, people=who.people(kind, *sides) if people is None else people,
            by=by, at=at,
        )  # fmt: skip


def done(
    who: Cast,
    kind: str,
    ids: list[int],
    place: str,
    *,
    sides: tuple[str, str],
    by: Actor,
    at: datetime,
    until: str = "closed",
) -> Handover:
    """A handover from preparing to closing."""
    people = who.people(kind, *sides)
    with acting(by):
        return handovers.in_one(
            exam=who.exam, key=key(f"{kind}/{at}"), kind=kind, container_ids=ids, sender_office=sides[0],
            receiver_office=sides[1], place=place, people=people, codes=who.one_code_each(people), until=until, by=by,
            at=at,
        )  # fmt: skip


def on_the_way(who: Cast, at: datetime = DAY) -> list[int]:
    """All boxes are with the courier."""
    ids = boxes(who.exam)
    done(who, "centre_to_carrier", ids, "journey:1", sides=("centre", "centre"), by=CENTRE_PAPERS, at=at)
    return ids


def moved(exam: Exam, ids: list[int], place: str) -> None:
    """They were put there without a handover."""
    changes = dict.fromkeys(ids, Change(place=place, place_path="/13/", custodian="13"))
    with acting(SYSTEM):
        carry_out(
            exam=exam, key=key(f"moved {place}"), act=Act.HANDED_OVER, changes=changes, office_path="/13/", by=SYSTEM, at=DAY
        )  # fmt: skip


def text_of(pdf: bytes) -> str:
    """What stands on all its pages, without blanks."""
    with contextlib.closing(pdfium.PdfDocument(pdf)) as document:
        return "".join("".join(page.get_textpage().get_text_range().split()) for page in document)


def holding(pk: int) -> Holding:
    """Where the container stands."""
    with acting(SYSTEM):
        return Holding.objects.get(pk=pk)


def refused(call: Callable[[], object]) -> set[str]:
    """The codes by which a rule refuses it; nothing of it stands."""
    with pytest.raises(RuleRefused) as error, transaction.atomic():
        call()
    return {r.code for r in error.value.refusals}


def scanned(row: Handover, *found: Scan, name: str = "scan", at: datetime = DAY) -> list[tuple[str, str]]:
    with acting(CENTRE_PAPERS):
        outcomes = handovers.scan(
            exam=row.exam, handover_id=row.pk, key=key(name), found=list(found), by=CENTRE_PAPERS, at=at,
        )  # fmt: skip
    return [(o.verdict, o.seen) for o in outcomes]


def codes_in(row: Handover) -> list[str]:
    with acting(CENTRE_PAPERS):
        return list(row.items.values_list("code", flat=True))


def counted(row: Handover, *, missing: bool = False) -> Proposal:
    with acting(CENTRE_PAPERS):
        return handovers.finish_count(
            exam=row.exam, handover_id=row.pk, declare_missing=missing, by=CENTRE_PAPERS, at=DAY
        )


def signs(row: Handover, person: int, given: str, proposal: Proposal) -> handovers.Signed:
    with acting(CENTRE_PAPERS):
        return handovers.sign(
            exam=row.exam, handover_id=row.pk, person_id=person, code=given, content_hash=proposal.content_hash,
            by=CENTRE_PAPERS, at=DAY,
        )  # fmt: skip


def to_carrier(who: Cast, **facts: Any) -> Handover:
    return arranged(who, "centre_to_carrier", boxes(who.exam), "journey:1", **facts)


def events(kind: str) -> int:
    with acting(SYSTEM):
        return Event.objects.filter(kind=kind).count()
