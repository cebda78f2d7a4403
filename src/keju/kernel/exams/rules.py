"""No training, no duty: who may act in a real exam, and whether a body may receive candidates. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from keju.rulebook import Refusal, rule
from keju.rulebook.words import Words


@dataclass(frozen=True)
class Untrained:
    """Somebody who holds a role and lacks modules that it needs."""

    name: str
    role: Words
    modules: tuple[Words, ...]


@rule("V4.3")
def check_practice(lacking: Sequence[Words]) -> Iterator[Refusal]:
    """Until every module of the role is passed the real exam is only looked at; one practises in a rehearsal."""
    if lacking:
        yield Refusal("V4.3", "exams_practice", {"modules": tuple(lacking)})


@rule("V4.1")
def check_reviewers(untrained: Sequence[Untrained], *, nobody: bool = False) -> Iterator[Refusal]:
    """A body opens registration only when there is somebody who decides about registrations (`nobody`: not one), all trained."""
    if nobody:
        yield Refusal("V4.1", "exams_no_reviewers")
    for person in untrained:
        facts = {"name": person.name, "role": person.role, "modules": person.modules}
        yield Refusal("V4.1", "exams_reviewers", facts)
