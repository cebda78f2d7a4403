"""Letters of responsibility: who signs, in which order (P7.1); who is first and directly responsible (P1.1, P6.2). Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from keju.rulebook import Refusal, rule
from keju.rulebook.responsibility import Chain, LetterKind, Task


@dataclass(frozen=True)
class Holder:
    """Somebody who holds a post at an office."""

    person_id: int
    name: str
    post: str
    office_code: str
    office_path: str


@dataclass(frozen=True)
class Needed:
    """A letter that there has to be."""

    kind: LetterKind
    holder: Holder
    above_code: str


def office_above(kind: LetterKind, office_code: str) -> str:
    """The office whose leader signs: the centre, the region or the point that the holder's office is of."""
    point = office_code.partition("-")[0]
    return {"centre": "centre", "region": point[:2], "point": point}[kind.above]


@rule("P7.1", "V1.5", "V1.6", "V1.7", "V2.6")
def letters_needed(kinds: Sequence[LetterKind], holders: Collection[Holder]) -> list[Needed]:
    """One letter for each person in each post that needs one, at its office; a person twice in a post needs one."""
    of_post = {post: kind for kind in kinds for post in kind.posts}
    once = {(h.office_code, h.post, h.person_id): h for h in holders if h.post in of_post}
    return [Needed(of_post[h.post], h, office_above(of_post[h.post], h.office_code)) for h in once.values()]


@rule("P7.1", "V1.5", "V1.6", "V1.7", "V2.6")
def check_above(
    clause: str, *, at_office: bool, own_letter_open: bool, holders: Collection[int], signer: int | None
) -> Iterator[Refusal]:
    """The leader above signs for the own office, having signed towards the office above, and never for themself."""
    if not at_office:
        yield Refusal(clause, "security_letter_not_above")
    if own_letter_open:
        yield Refusal(clause, "security_letter_own_first")
    if signer is not None and signer in holders:
        yield Refusal(clause, "security_letter_both_sides")


@rule("P7.1", "V1.5", "V1.6", "V1.7", "V2.6")
def check_below(clause: str, *, above_signed: bool) -> Iterator[Refusal]:
    """The holder signs what was signed from above."""
    if not above_signed:
        yield Refusal(clause, "security_letter_from_above_first")


@dataclass(frozen=True)
class Answering:
    """A line of the matrix: a task and the names of those who answer for it; none: nobody is appointed."""

    task: Task
    names: tuple[str, ...]


@rule("P6.2", "V1.7")
def matrix(tasks: Sequence[Task], kind: str, names: Mapping[str, Sequence[str]]) -> list[Answering]:
    """The tasks of a kind of office with who answers for them. `names`: post → names of its holders there."""
    return [
        Answering(task, tuple(dict.fromkeys(name for post in task.posts for name in names.get(post, ()))))
        for task in tasks
        if task.at == kind
    ]


@dataclass(frozen=True)
class Responsible:
    """Who is first and directly responsible at an office; "" where nobody is appointed."""

    chain: Chain
    first: str
    direct: str

    @property
    def is_complete(self) -> bool:
        return bool(self.first) and (bool(self.direct) or not self.chain.direct)


@rule("P1.1", "V1.4", "V1.6")
def responsible(chains: Sequence[Chain], kind: str, names: Mapping[str, Sequence[str]]) -> Responsible | None:
    """The chain of that kind of office with names; None where the programme has none for it."""
    chain = next((c for c in chains if c.at == kind), None)
    if chain is None:
        return None
    first, direct = (next(iter(names.get(post, ())), "") for post in (chain.first, chain.direct))
    return Responsible(chain, first, direct)
