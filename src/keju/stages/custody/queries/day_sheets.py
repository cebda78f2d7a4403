"""The signed ways of a half-day's papers: out of the store (V15.2) and back into it (V16.1.1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from keju.kernel.approvals.models import Proposal, Signature
from keju.kernel.approvals.states import USED
from keju.kernel.audit import NotPermitted
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.rulebook.words import Words, t
from keju.stages.custody.rules.halfday import subject_of

NATION = Actor.system("custody")
WITHDRAW, BACK = "custody.withdraw", "custody.back"
TITLES: Mapping[str, Words] = {
    WITHDRAW: t("领取交接单", "Sheet of the withdrawal"),
    BACK: t("送回交接单", "Sheet of the way back"),
}


@dataclass(frozen=True)
class Signed:
    """A way that everybody has signed."""

    proposal: Proposal
    signatures: Sequence[Signature]

    @property
    def title(self) -> Words:
        return TITLES[self.proposal.kind]


def signed_ways(exam: Exam, site_code: str, session: int, *, viewer: Actor) -> list[Signed]:
    """Withdrawals and ways back of a site in a session, in their order; hidden outside of the viewer's scope."""
    if not path_of(site_code).startswith(viewer.office_path or "-"):
        raise NotPermitted(hidden=True)
    rows = Proposal.objects.filter(
        exam=exam, kind__in=sorted(TITLES), subject=subject_of(site_code, session), state=USED
    )
    found = list(rows.order_by("pk"))
    by_way: dict[int, list[Signature]] = {row.pk: [] for row in found}
    with acting(NATION):  # a proof is the signer's own, wherever their home is
        given = Signature.objects.filter(proposal_id__in=list(by_way)).select_related("need", "proof")
        for one in given:
            by_way[one.proposal_id].append(one)
    return [Signed(row, by_way[row.pk]) for row in found]
