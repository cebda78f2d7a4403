"""Sheets that were missing at the joint count are found again and go into the bag they belong to (V15.5.2, V12.5)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID, uuid5

from keju.kernel.approvals import effects
from keju.kernel.approvals.content import Content, digest
from keju.kernel.approvals.needing import Need
from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, enforce
from keju.rulebook.words import t
from keju.stages.custody import events
from keju.stages.custody import queries as chain
from keju.stages.custody.models import Case, Container, Holding, Operation
from keju.stages.custody.models.cases import CLOSED, INSTRUCTED
from keju.stages.custody.queries import cases as reads
from keju.stages.custody.queries import containers, people
from keju.stages.custody.queries.handovers import check_idle
from keju.stages.custody.queries.seal_room import ROOM_KINDS
from keju.stages.custody.rules import found_again as rules
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.containers import read_code
from keju.stages.custody.rules.found_again import Found
from keju.stages.custody.services.attempts import on_record
from keju.stages.custody.services.chain import carry_out
from keju.stages.custody.services.counting import POINT_STAFF
from keju.stages.custody.services.half_day import OFFICER
from keju.stages.custody.services.together import Signatures, Signing, sign_together, signed_before

FOUND = "custody.found_again"
CLAUSES = ["V12.5", "V15.5.2"]
effects.called(FOUND, t("找回试卷、答题卡入袋", "Sheets found again go into their bag"))
__all__ = ["FOUND", "Found", "FoundAgain", "put_back"]


@dataclass(frozen=True)
class FoundAgain:
    """What is entered. `other`: the code of the bag in which the sheets lay, "" if in none; `seal_cut`: as read on the bag
    before it was opened."""

    sheets: Found
    where: str
    other: str
    reason: str
    seal_cut: str
    seal_new: str
    officer: int
    first: int
    second: int

    @property
    def two(self) -> list[int]:
        return [self.first, self.second]


@on_record(lambda by, case_id, **rest: (by.office_path, f"case:{case_id}"))
@write("custody:case:report")
def put_back(
    *,
    exam: Exam,
    key: UUID,
    case_id: int,
    container: str,
    said: FoundAgain,
    codes: Mapping[int, str],
    by: Actor,
    at: datetime,
) -> Signatures:
    """When all three have signed, the sheets are no longer missing but in their bag, which is closed with the new seal.

    A bag that the case froze is frozen again: it moves when the case is closed. RuleRefused without an open incident about
    the bag, for more sheets than it lacks, another seal than on record, a seal used before, or the same person twice;
    Stale for another content by a key that stands.
    """
    case = reads.one(exam, case_id, viewer=by)
    bag = containers.container(exam, container, viewer=by)
    content = _content(case, bag, said)
    before = signed_before(exam, uuid5(key, "counted"), lambda row: _is_same(row, content, said), by, at)
    if before is not None:
        return before
    case = Case.objects.select_for_update().get(pk=case.pk)
    held = chain.held(exam, [bag.pk])[bag.pk]
    team = people.team(exam, bag.site_code)
    others = {p.person_id for p in (*team.heads, *team.staff)}
    enforce(
        [
            *_check_bag(exam, case, bag, held, said, by),
            *rules.check_sheets(said.sheets, held.missing),
            *rules.check_words(said.where, said.reason),
            *rules.check_people(
                said.officer, said.two, officers={p.person_id for p in team.officers}, others=others
            ),
        ]
    )
    path = bag.office_path
    who = [(said.officer, OFFICER), *((p, POINT_STAFF) for p in said.two)]
    signed = sign_together(
        kind=FOUND, subject=f"found:{bag.code}", exam=exam, office_path=path, content=content,
        needs=[Need(OFFICER, 1, path), Need(POINT_STAFF, 2, path)],
        signings=[Signing(p, team.name_of(p), post, path, codes.get(p, "")) for p, post in who],
        rules=CLAUSES, by=by, at=at,
    )  # fmt: skip
    if signed.is_whole:
        _back(exam, key, case, held, said, signed.proposal.pk, by, at)
    return signed


def _check_bag(
    exam: Exam, case: Case, bag: Container, held: Holding, said: FoundAgain, by: Actor
) -> list[Refusal]:
    """What stands against opening this bag because of this case."""
    if bag.kind not in ROOM_KINDS:
        raise NotPermitted(hidden=True)
    site = Container.objects.filter(exam=exam, office_path=bag.office_path).values_list("pk", flat=True)
    new = said.seal_new.strip()
    found = [
        *rules.check_case(
            case.kind,
            is_open=case.state != CLOSED,
            is_named=case.containers.filter(container_id=bag.pk).exists(),
            frozen=held.frozen,
            instructed=case.state == INSTRUCTED,
        ),
        *rules.check_seals(
            said.seal_cut.strip(), held.seal, new, chain.used_seals(exam, bag.office_path, list(site), [new])
        ),
        *check_idle({bag.pk: bag.code}),
    ]
    if held.custodian != bag.site_code.partition("-")[0]:
        found.append(Refusal("V15.5.2", "found_elsewhere"))
    other = _other(said)
    if other and (other == bag.code or not chain.by_codes(exam, [other], viewer=by)):
        found.append(Refusal("V15.5.2", "found_other_bag", {"code": other}, field="other"))
    return found


def _back(
    exam: Exam,
    key: UUID,
    case: Case,
    held: Holding,
    said: FoundAgain,
    proposal_id: int,
    by: Actor,
    at: datetime,
) -> None:
    """The seal is cut, the sheets are counted in, the new seal is on; a frozen bag is free for that long only."""
    bag, other = held.container, _other(said)
    reason = f"{said.where.strip()}{f' [{other}]' if other else ''}; {said.reason.strip()}"[:300]
    counts = rules.counts_after(held.state.counts, said.sheets)
    acts = [
        (Act.OPENED, "opened", Change(seal="")),
        (Act.COUNTED, "counted", Change(counts=counts)),
        (Act.SEALED, "sealed", Change(seal=said.seal_new.strip())),
    ]
    if held.frozen:
        acts = [
            (Act.RELEASED, "released", Change(frozen=False)),
            *acts,
            (Act.FROZEN, "frozen", Change(frozen=True)),
        ]
    for act, name, change in acts:
        carry_out(
            exam=exam, key=uuid5(key, name), act=act, changes={bag.pk: change}, office_path=bag.office_path,
            subject=f"case:{case.pk}", proposal_id=proposal_id, reason=reason, rules=CLAUSES, by=by, at=at,
        )  # fmt: skip
    record(
        events.FOUND_AGAIN, by=by, at=at, subject=f"case:{case.pk}", exam=exam.slug, office_path=bag.office_path,
        rules=CLAUSES,
        data={
            "container": bag.code, **asdict(said.sheets), "missing": counts.missing, "other": other,
            "proposal": proposal_id,
        },
    )  # fmt: skip


def _other(said: FoundAgain) -> str:
    """The other bag's code in its one form; what is none stays as typed."""
    typed = said.other.strip()
    return read_code(typed) or typed


def _is_same(row: Operation, content: Content, said: FoundAgain) -> bool:
    """Whether the operation put exactly this on record, signed by these people."""
    if row.proposal is None or row.proposal.content_hash != digest(content):
        return False
    return set(row.proposal.signatures.values_list("person_id", flat=True)) == {said.officer, *said.two}


def _content(case: Case, bag: Container, said: FoundAgain) -> Content:
    sheets = said.sheets
    return Content(
        title=t("找回入袋", "Found again, into the bag"),
        facts=[
            (t("个案", "Case"), str(case.pk)),
            (t("袋", "Bag"), bag.code),
            (
                t("已用/未用/残缺", "Used/unused/defective"),
                f"{sheets.used} / {sheets.unused} / {sheets.defective}",
            ),
            (t("找到的地方", "Where it was"), said.where.strip()),
            (t("原在别的袋里", "In another bag"), _other(said)),
            (t("原因", "Reason"), said.reason.strip()),
            (t("剪开的封条", "Seal cut"), said.seal_cut.strip()),
            (t("新封条", "New seal"), said.seal_new.strip()),
        ],
        place="custody-case",
        place_args={"case_id": case.pk},
    )
