"""Several people sign on one telephone: each with a code of their own, for exactly what is shown, then it is carried out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from keju.kernel.approvals import effects
from keju.kernel.approvals import services as approvals
from keju.kernel.approvals.content import Content
from keju.kernel.approvals.models import Proposal
from keju.kernel.approvals.needing import Capacity, Need
from keju.kernel.approvals.services import Signer
from keju.kernel.approvals.states import APPROVED, OPEN, USED
from keju.kernel.audit import Stale, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook.words import t
from keju.stages.custody.models import Operation
from keju.stages.custody.queries.day_sheets import BACK, WITHDRAW
from keju.stages.custody.services.chain import repeated

ISSUE, COUNT, SPARE = "custody.issue", "custody.count", "custody.spare"
LASTS = timedelta(hours=2)
SYSTEM = Actor.system("custody")
effects.called(WITHDRAW, t("领取试卷", "Draw papers from the store"))
effects.called(ISSUE, t("向考场发放试卷", "Issue papers to a room"))
effects.called(COUNT, t("共同清点", "Joint count"))
effects.called(SPARE, t("启用备用卷", "Use a spare paper"))
effects.called(BACK, t("试卷、答题卡送回保密室", "Papers and cards back to the store"))


@dataclass(frozen=True)
class Signing:
    """One person's signature: `post` as in the need ("post:head"), `path` where they hold it, `code` of their own sheet."""

    person_id: int
    name: str
    post: str
    path: str
    code: str


@dataclass(frozen=True)
class Signatures:
    """How far the signing is. `failed`: whose code did not prove them; `given`: who has signed, now or before."""

    proposal: Proposal
    failed: list[int]
    given: list[int]

    @property
    def is_whole(self) -> bool:
        return self.proposal.state in (APPROVED, USED)


def signed_before(
    exam: Exam, key: UUID, is_same: Callable[[Operation], bool], by: Actor, at: datetime
) -> Signatures | None:
    """The signatures on which the operation of this key stands, where a device sends it once more; None for a new key.

    Stale where the key is that of something else: what nobody signed, or what `is_same` denies. Who sends other figures by the
    key of the first must not read that they stand.
    """
    row = repeated(exam, key, by, at)
    if row is None:
        return None
    if row.proposal is None or not is_same(row):
        raise Stale
    return Signatures(row.proposal, [], sorted(row.proposal.signatures.values_list("person_id", flat=True)))


@write(None)
def sign_together(
    *,
    kind: str,
    subject: str,
    exam: Exam,
    office_path: str,
    content: Content,
    needs: Sequence[Need],
    signings: Sequence[Signing],
    rules: Sequence[str],
    by: Actor,
    at: datetime,
) -> Signatures:
    """The content is proposed, and signed by those whose codes prove them; who signed the same before need not again.

    Whoever is signed in may be one of them: nobody signs their own proposal, so that it is made by nobody of them.

    A wrong code is remembered and named, the other signatures stay. When all have signed the approval is used at once: the
    caller carries it out in the same transaction.
    """
    row = approvals.propose(
        kind=kind, subject=subject, exam=exam, office_path=office_path, content=content, needs=needs,
        expires_at=at + LASTS, rules=rules, by=SYSTEM, at=at,
    )  # fmt: skip
    done = set(row.signatures.values_list("person_id", flat=True))
    failed = []
    for one in signings:
        if one.person_id in done or row.state != OPEN:
            continue
        signature = one.code.strip() and approvals.sign(
            proposal_id=row.pk,
            content_hash=row.content_hash,
            code=one.code,
            signer=Signer(one.person_id, one.name, [Capacity(one.post, one.path)]),
            by=by,
            at=at,
        )
        if signature:
            done.add(one.person_id)
        else:
            failed.append(one.person_id)
    row.refresh_from_db()
    if row.state == APPROVED:
        approvals.consume(
            proposal_id=row.pk, kind=kind, subject=subject, content_hash=row.content_hash, needs=needs, by=by, at=at
        )  # fmt: skip
    return Signatures(row, failed, sorted(done))
