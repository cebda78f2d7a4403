"""The chain of the containers in question, each operation with its audit event and the proof that the log holds it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

from keju.kernel.accounts.queries import staff_names
from keju.kernel.audit import NotPermitted, proving
from keju.kernel.audit import queries as audit
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices import queries as offices
from keju.rulebook.words import Words, t
from keju.stages.custody import events
from keju.stages.custody.models import Container, Operation, Step
from keju.stages.custody.queries import containers, naming
from keju.stages.custody.queries.evidence.parts import both
from keju.stages.custody.rules.chain import Act, State, written
from keju.stages.custody.rules.containers import FACTS, identities
from keju.stages.custody.rules.evidence import checking

NATION = Actor.system("custody evidence")
CONTAINER, SITE = "container", "site"
NOTHING = t("这个考试地点还没有试卷。", "This site has no papers yet.")


class NotYet(Exception):
    """An event still waits for its place in the log: ask again when the log is signed."""


@dataclass(frozen=True)
class About:
    """What a file is about: a container, or every container of a site. `path`: the office's whose papers they are."""

    kind: str
    code: str
    path: str
    name: Words
    containers: Sequence[Container]

    @property
    def subject(self) -> str:
        """How events name it."""
        return f"{self.kind}:{self.code}"


@dataclass(frozen=True)
class Chain:
    """`containers`: those asked for and the outer ones that they ever lay in, by id; `steps`: theirs, by number; `head`: the
    signed checkpoint that everything is proved under; `operations`: every operation of them with all of its states; `made`: what
    the containers of those that made some are, as their events bind it."""

    containers: Mapping[int, Container]
    steps: Mapping[int, Sequence[Step]]
    operations: Mapping[int, Operation]
    written: Mapping[int, str]
    made: Mapping[int, str]
    events: Mapping[int, UUID]


def about(exam: Exam, kind: str, code: str, *, viewer: Actor) -> About:
    """What is asked for; NotPermitted (hidden) out of the viewer's scope, ValidationError for a site without papers."""
    if kind == CONTAINER:
        row = containers.container(exam, code, viewer=viewer)
        name = t("{kind} {code}", "{kind} {code}").format(kind=naming.KINDS[row.kind], code=row.code)
        return About(kind, row.code, row.office_path, name, [row])
    named = offices.names([code]).get(code)
    path = offices.path_of(code)
    if kind != SITE or "-" not in code or named is None or not path.startswith(viewer.office_path or "-"):
        raise NotPermitted(hidden=True)
    found = Container.objects.filter(exam=exam, office_path=path, site_code=code)
    rows = list(found.order_by("session", "room", "kind", "code"))
    if not rows:
        raise ValidationError(str(NOTHING))
    return About(kind, code, path, named, rows)


def chain(exam: Exam, asked: About) -> Chain:
    """Everything that was done with these containers and with what they lay in; in the nation's scope, since operations of
    offices above are part of a life, and their digests are over all that they moved."""
    with acting(NATION):
        mine = {row.pk: row for row in asked.containers}
        outer = set(
            Step.objects.filter(container_id__in=list(mine), parent__isnull=False).values_list(
                "parent_id", flat=True
            )
        )
        mine |= Container.objects.in_bulk(outer - mine.keys())
        steps = _steps(mine)
        operations = Operation.objects.in_bulk({s.operation_id for lot in steps.values() for s in lot})
        kind, subjects = f"{events.CHAIN}.", {o.subject or f"operation:{o.pk}" for o in operations.values()}
        instants = {o.at for o in operations.values()}
        said = audit.ids_said(kind=kind, exam=exam.slug, subjects=subjects, at=instants)
        if operations.keys() - said.keys():
            raise ValueError(
                f"the log knows nothing of operations {sorted(operations.keys() - said.keys())[:5]}"
            )
        made = _made(pk for pk, o in operations.items() if o.act == Act.MADE)
        return Chain(mine, steps, operations, _written(operations), made, {pk: said[pk] for pk in operations})


def _steps(ids: Collection[int]) -> dict[int, list[Step]]:
    found: dict[int, list[Step]] = {pk: [] for pk in ids}
    for step in Step.objects.filter(container_id__in=list(ids)).order_by("container_id", "number"):
        found[step.container_id].append(step)
    return found


def _written(operations: Collection[int]) -> dict[int, str]:
    """Operation → the text that its digest is over: every step of it, other offices' containers too."""
    states: dict[int, dict[int, State]] = defaultdict(dict)
    for step in Step.objects.filter(operation_id__in=list(operations)).iterator(5_000):
        states[step.operation_id][step.container_id] = step.state
    return {pk: written(lot) for pk, lot in states.items()}


def _made(operations: Iterable[int]) -> dict[int, str]:
    """Operation → what all the containers that it made are."""
    found: dict[int, dict[int, tuple[object, ...]]] = defaultdict(dict)
    rows = Container.objects.filter(steps__operation_id__in=list(operations), steps__number=1)
    for operation, pk, *facts in rows.values_list("steps__operation_id", "pk", *FACTS).iterator(5_000):
        found[operation][pk] = tuple(facts)
    return {operation: identities(lot) for operation, lot in found.items()}


def proved(event_ids: Collection[UUID]) -> proving.Proofs:
    """The events in order of their places, with their proofs. NotYet while one waits."""
    with acting(NATION):
        found = proving.proofs(event_ids)
    if found is None:
        raise NotYet
    return found


def life(exam: Exam, found: Chain, *, viewer: Actor) -> list[dict[str, Any]]:
    """Every step of these containers as the checker demands it, and in words; names of persons as the viewer's scope has them."""
    every = [step for pk in found.containers for step in found.steps[pk]]
    with acting(NATION):  # the names of places: those of offices above are part of the way
        places = naming.place_names(exam, {step.place for step in every})
    with acting(viewer):
        people = staff_names(
            {f"person:{step.holder_id}" for step in every if step.holder_id}
            | {operation.by for operation in found.operations.values()}
        )
    custodians = offices.names({step.custodian for step in every if step.custodian})
    moments = []
    for step in every:
        operation = found.operations[step.operation_id]
        told = checking.moment(step.container_id, checking.Step(step.operation_id, Act(step.act), step.state))
        outer = found.containers.get(step.parent_id or 0)
        moments.append(
            {
                **told,
                "code": found.containers[step.container_id].code,
                "act_words": both(naming.ACTS[step.act]),
                "place_words": both(places[step.place]) if step.place else both(""),
                "custodian_name": both(custodians.get(step.custodian, step.custodian)),
                "holder_name": people.get(f"person:{step.holder_id}", ""),
                "inside_code": outer.code if outer else "",
                "by": people.get(operation.by, operation.by),
                "reason": operation.reason,
                "subject": operation.subject,
                "proposal": operation.proposal_id,
            }
        )
    return moments
