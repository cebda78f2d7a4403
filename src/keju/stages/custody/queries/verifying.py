"""Whether the chain is as it was written: recomputed from the steps, and held against the audit log.

The database's triggers bind whoever comes through the application. Somebody with the rights of its owner can switch them
off; then what they change differs from the digest in the operation's event, which stands in the Merkle log.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from keju.kernel.audit import queries as audit
from keju.kernel.exams.models import Exam
from keju.rulebook.words import Words, t
from keju.stages.custody import events
from keju.stages.custody.models import Container, Holding, Operation, Step
from keju.stages.custody.rules.chain import Act, State, check_step, digest, sha
from keju.stages.custody.rules.containers import FACTS, identities

BATCH = 5_000
MEANT = t(
    "操作的办理人、时间、事由、签字或所属单位与审计日志不一致",
    "who did it, when, why, for what, or on whose signatures is not what the audit log says",
)
TWICE = t("审计日志中有两条这一操作的事件", "the audit log speaks of the operation twice")
IDENTITY = t(
    "容器的编号、种类、地点、考场或流水号与印制时不一致",
    "codes, kinds, sites, rooms or serials of what it made are not those of the making",
)
UNMADE = t("没有印制记录的容器", "nothing made it")
OTHER = t("步骤与审计日志中的摘要不一致", "its steps are not those of the digest in the audit log")
UNKNOWN = t("审计日志中没有这一操作", "the audit log does not know the operation")
GONE = t("审计日志中有这一操作，数据库中没有", "the audit log knows the operation, the database does not")
GAP = t("步骤编号不连续", "its steps are not numbered through")
LAW = t("步骤违反交接链规则", "a step breaks the laws of the chain")
FOLD = t("现状与最后一步不一致", "where it stands is not its last step")


@dataclass(frozen=True)
class Broken:
    """What is wrong with an operation ("operation:7") or a container ("container:B0000017X")."""

    subject: str
    words: Words


def broken(exam: Exam) -> Iterator[Broken]:
    """Everything in the exam's chain that cannot have come about by operations, or was changed afterwards."""
    yield from _operations(exam)
    yield from _identities(exam)
    yield from _containers(exam)


def differences(exam: Exam) -> list[Broken]:
    """What is `broken` at two looks, one after the other: what somebody does meanwhile is seen in half by one look at most."""
    if not (first := set(broken(exam))):
        return []
    return [one for one in broken(exam) if one in first]


def has_chain(exam: Exam) -> bool:
    """Whether anything was made yet, so that there is something to check."""
    return Operation.objects.filter(exam=exam).exists()


def _operations(exam: Exam) -> Iterator[Broken]:
    said: dict[int, audit.Said] = {}
    for one in audit.said(kind=f"{events.CHAIN}.", exam=exam.slug):
        if one.kind != events.REPEATED:
            if one.data["operation"] in said:
                yield Broken(f"operation:{one.data['operation']}", TWICE)
            said[one.data["operation"]] = one
    known = {row.pk: row for row in Operation.objects.filter(exam=exam)}
    steps = Step.objects.filter(exam=exam).order_by("operation_id", "container_id").iterator(BATCH)
    of_operation = {
        pk: {s.container_id: s.state for s in mine} for pk, mine in groupby(steps, lambda s: s.operation_id)
    }
    for pk, row in known.items():
        if pk not in said:
            yield Broken(f"operation:{pk}", UNKNOWN)
        elif not said[pk].data["digest"] == row.digest == digest(of_operation.get(pk, {})):
            yield Broken(f"operation:{pk}", OTHER)
        elif not _as_said(row, said[pk]):
            yield Broken(f"operation:{pk}", MEANT)
    for pk in sorted(said.keys() - known.keys()):
        yield Broken(f"operation:{pk}", GONE)


def _as_said(row: Operation, said: audit.Said) -> bool:
    kept = (
        f"{events.CHAIN}.{row.act}", row.by, row.at, row.subject or f"operation:{row.pk}", row.office_path, row.proposal_id,
        sha(row.reason),
    )  # fmt: skip
    return kept == (*said[:5], said.data["proposal"], said.data["reason"])


def _identities(exam: Exam) -> Iterator[Broken]:
    """What containers are is as it was when they were made, and each was made by an operation."""
    made: dict[int, dict[int, tuple[object, ...]]] = {}
    first = Step.objects.filter(exam=exam, number=1).values_list("container_id", "operation_id")
    by = dict(first.iterator(BATCH))
    for pk, *facts in Container.objects.filter(exam=exam).values_list("pk", *FACTS).iterator(BATCH):
        if pk in by:
            made.setdefault(by[pk], {})[pk] = tuple(facts)
        else:
            yield Broken(f"container:{facts[0]}", UNMADE)
    for one in audit.said(kind=f"{events.CHAIN}.{Act.MADE}", exam=exam.slug):
        operation = one.data["operation"]
        if one.data["identities"] != sha(identities(made.get(operation, {}))):
            yield Broken(f"operation:{operation}", IDENTITY)


def _containers(exam: Exam) -> Iterator[Broken]:
    fold = {
        h.container_id: (h.container.code, h.state)
        for h in Holding.objects.filter(exam=exam).select_related("container")
    }
    steps = (
        Step.objects.filter(exam=exam)
        .select_related("container")
        .order_by("container_id", "number")
        .iterator(BATCH)
    )
    for pk, mine in groupby(steps, lambda s: s.container_id):
        code, held = fold.pop(pk, ("?", None))
        last: State | None = None
        for step in mine:
            now, code = step.state, step.container.code
            if now.number != (last.number if last else 0) + 1:
                yield Broken(f"container:{code}", GAP)
            elif last is not None and _against_law(step, last, now):
                yield Broken(f"container:{code}", LAW)
            last = now
        if held != last:
            yield Broken(f"container:{code}", FOLD)
    for code, _ in fold.values():
        yield Broken(f"container:{code}", FOLD)


def _against_law(step: Step, before: State, after: State) -> bool:
    """Whether the step may not follow by itself; what lies outside (V11.2.2) is judged when it is written."""
    try:
        found = [r.code for r in check_step(Act(step.act), before, after)]
    except ValueError:
        return True
    return any(code != "custody_not_inside" for code in found)
