"""Whether what an evidence file says of containers is what the log says, and can have come about. Pure.

The file carries each operation's audit event as the very text that the log hashed, with its inclusion proof, and the text
that the operation's digest is over. So nothing here trusts the file: an event is the log's if its proof leads to the signed
root, steps are the event's if their SHA-256 is its digest, and a life is whole if its steps are numbered through and follow
each other by the rules that judged them when they were written.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields
from datetime import UTC, datetime
from hashlib import sha256
from itertools import pairwise
from typing import Any

from keju.algorithms import merkle
from keju.rulebook.words import Words, t
from keju.stages.custody.rules.chain import Act, Counts, State, check_step, read_written, sha
from keju.stages.custody.rules.containers import FACTS

FORMAT = "keju/custody-evidence/1"
CHAIN = "custody.chain."
PROPOSAL = "proposal:"
# what a file says of a container → what the log binds of it
NAMED = {
    "code": "code", "kind": "kind", "site": "site_code", "room": "room", "session": "session", "copies": "copies",
    "first_serial": "first_serial", "last_serial": "last_serial",
}  # fmt: skip

FORM = t("文件格式不对，或缺少内容", "the file is malformed or lacks something")
EVENT = t(
    "审计事件不在已签名的日志树中：被改动、伪造，或换了位置",
    "the audit event is not in the signed log: it was altered, forged or moved",
)
TWICE = t("同一日志位置出现两次", "the same place in the log stands there twice")
OTHER_EXAM = t("审计事件属于另一次考试", "the audit event is of another exam")
DIGEST = t("步骤与审计日志中的摘要不一致", "the steps are not those of the digest in the audit log")
UNKNOWN = t("没有这一操作的审计事件", "no audit event is of this operation")
WHEN = t("步骤的时间与审计事件不一致", "a step has another time than the audit event")
GAP = t(
    "步骤编号不连续：有步骤被删除、插入或调换",
    "the steps are not numbered through: one was removed, inserted or moved",
)
LAW = t("步骤违反交接链规则", "a step breaks the laws of the chain")
COUNT = t("份数不守恒", "sheets are not conserved")
BEGINS = t("第一步不是完整的印制装封", "the first step is not the making of a whole container")
LIFE = t("所列经过与日志证明的步骤不符", "the life as listed is not what the log proves")
OUTER = t("装入的外层箱包没有列出", "the container that it lay in is not listed")
NOT_LISTED = t("所列的容器没有任何步骤", "a listed container has no step")
IDENTITY = t(
    "编号、种类、地点、考场、场次或流水号不是印制时登记的",
    "code, kind, site, room, session or serials are not those of its making",
)
MEANT = t(
    "事由、对象或签字不是审计日志所记的",
    "the reason, the subject or the signatures are not what the log says",
)
DOCUMENT = t("签字内容与审计日志中的摘要不一致", "what was signed is not that of the digest in the audit log")


@dataclass(frozen=True)
class Finding:
    """One thing that is not as the file claims: where ("operation:7", "container:B0000017X"), and what."""

    place: str
    words: Words


@dataclass(frozen=True)
class Step:
    """A container's state after an operation."""

    operation: int
    act: Act
    state: State
    event: Mapping[str, Any] = field(default_factory=dict)


def check(evidence: Mapping[str, Any], log: merkle.Checkpoint) -> list[Finding]:
    """Everything in the file that the log does not bear out; empty if all of what it claims to prove is proved.

    `log`: the opened checkpoint, whose signature the caller has checked. Names, words, and what was noted besides the chain
    are stated by whoever made the file: they are not judged here. Raises nothing, whatever the file holds.
    """
    found: list[Finding] = []
    try:
        if evidence["format"] != FORMAT:
            raise ValueError("format")
        events = _events(evidence, log, found)
        steps = _steps(evidence, events, found)
        found += _lives(evidence, steps)
        found += _identities(evidence, events)
        found += _documents(evidence, events)
    except (
        KeyError,
        IndexError,
        TypeError,
        ValueError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        found.append(Finding(f"evidence.json: {type(error).__name__} {error}"[:120], FORM))
    return found


def _events(
    evidence: Mapping[str, Any], log: merkle.Checkpoint, found: list[Finding]
) -> list[Mapping[str, Any]]:
    """Every event of the file, proved or named in `found`."""
    events = []
    seen: set[int] = set()
    for number, one in enumerate(evidence["events"]):
        text, index = one["event"], one["index"]
        proved = merkle.verify_inclusion(
            index=index,
            size=log.size,
            leaf=merkle.leaf_hash(text.encode()),
            proof=[bytes.fromhex(h) for h in one["proof"]],
            root=log.root,
        )
        if not proved:
            found.append(Finding(f"event:{number}", EVENT))
        if index in seen:
            found.append(Finding(f"event:{number}", TWICE))
        seen.add(index)
        event = json.loads(text)
        if event["exam"] != evidence["exam"]["slug"]:
            found.append(Finding(f"event:{number}", OTHER_EXAM))
        events.append(event)
    return events


def _steps(
    evidence: Mapping[str, Any], events: Sequence[Mapping[str, Any]], found: list[Finding]
) -> dict[int, list[Step]]:
    """Container → its steps by number, of every operation whose digest holds."""
    steps: dict[int, list[Step]] = {}
    for number, one in evidence["operations"].items():
        operation, event = int(number), events[one["event"]]
        if not event["kind"].startswith(CHAIN) or event["data"].get("operation") != operation:
            found.append(Finding(f"operation:{number}", UNKNOWN))
            continue
        states = read_written(one["steps"])
        digest = sha256(one["steps"].encode()).hexdigest()
        if (digest, len(states)) != (event["data"]["digest"], event["data"]["containers"]):
            found.append(Finding(f"operation:{number}", DIGEST))
            continue
        act, at = Act(event["kind"].removeprefix(CHAIN)), datetime.fromisoformat(event["at"])
        if any(state.at != at for state in states.values()):
            found.append(Finding(f"operation:{number}", WHEN))
        for pk, state in states.items():
            steps.setdefault(pk, []).append(Step(operation, act, state, event))
    for mine in steps.values():
        mine.sort(key=lambda step: step.state.number)
    return steps


def _lives(evidence: Mapping[str, Any], steps: Mapping[int, Sequence[Step]]) -> Iterator[Finding]:
    """Each container of the file: its steps follow each other, its sheets are conserved, and its life is listed as it was."""
    listed: dict[int, list[Mapping[str, Any]]] = {}
    for moment in evidence["life"]:
        listed.setdefault(moment["container"], []).append(moment)
    known = {int(pk): facts for pk, facts in evidence["containers"].items()}
    for pk in sorted(known.keys() | listed.keys()):
        place = f"container:{known[pk]['code'] if pk in known else pk}"
        mine = steps.get(pk, [])
        if pk not in known or not mine:
            yield Finding(place, NOT_LISTED)
            continue
        if [step.state.number for step in mine] != list(range(1, len(mine) + 1)):
            yield Finding(place, GAP)
        elif not _is_listed(listed.get(pk, []), pk, mine):
            yield Finding(place, LIFE)
        elif not all(map(_is_meant, listed[pk], mine)):
            yield Finding(place, MEANT)
        yield from _begins(place, mine[0], known[pk])
        for before, after in pairwise(mine):
            yield from _follows(place, before, after, known, steps)


def _is_listed(listed: Sequence[Mapping[str, Any]], pk: int, mine: Sequence[Step]) -> bool:
    said = [(facts, {**facts, **moment(pk, step)}) for facts, step in zip(listed, mine, strict=False)]
    return len(listed) == len(mine) and all(facts == proved for facts, proved in said)


def _is_meant(said: Mapping[str, Any], step: Step) -> bool:
    """Whether why it was done, to what and on whose signatures is as the event binds it; events of before bound none of it."""
    data = step.event.get("data", {})
    if "reason" not in data:
        return True
    return (said["proposal"], sha(said["reason"]), said["subject"] or f"operation:{step.operation}") == (
        data["proposal"], data["reason"], step.event["subject"],
    )  # fmt: skip


def _identities(evidence: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """What the containers are is what the event of their making binds, if it binds any."""
    known = {int(pk): facts for pk, facts in evidence["containers"].items()}
    for number, one in evidence["operations"].items():
        bound = events[one["event"]]["data"].get("identities")
        if bound is None:
            continue
        if sha(one["identities"]) != bound:
            yield Finding(f"operation:{number}", IDENTITY)
            continue
        for pk, *facts in json.loads(one["identities"]):
            made = dict(zip(FACTS, facts, strict=True))
            if pk in known and any(known[pk][name] != made[fact] for name, fact in NAMED.items()):
                yield Finding(f"container:{known[pk]['code']}", IDENTITY)


def moment(container: int, step: Step) -> dict[str, Any]:
    """What a listed moment must say of a step, word for word."""
    state = step.state
    return {
        "container": container,
        "number": state.number,
        "operation": step.operation,
        "act": str(step.act),
        "at": state.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "place": state.place,
        "office_path": state.place_path,
        "custodian": state.custodian,
        "holder": state.holder_id,
        "inside": state.parent_id,
        "seal": state.seal,
        "frozen": state.frozen,
        "counts": dict(zip((f.name for f in fields(Counts)), astuple(state.counts), strict=True)),
    }


def _begins(place: str, first: Step, facts: Mapping[str, Any]) -> Iterator[Finding]:
    state = first.state
    if first.act is not Act.MADE or state.counts != Counts(state.counts.total) or state.parent_id is not None:
        yield Finding(place, BEGINS)
    if state.counts.total != facts["copies"]:
        yield Finding(place, COUNT)


def _follows(
    place: str,
    before: Step,
    after: Step,
    known: Mapping[int, object],
    steps: Mapping[int, Sequence[Step]],
) -> Iterator[Finding]:
    """The later may follow the earlier; of what it goes into or comes out of, some state of that moment allows it."""
    where = f"{place}/{after.state.number}"
    if before.state.counts.total != after.state.counts.total:
        yield Finding(where, COUNT)
    pairs: list[tuple[State | None, State | None]] = [(None, None)]
    if after.act in (Act.PACKED, Act.UNPACKED):
        outers = {pk for pk in (before.state.parent_id, after.state.parent_id) if pk is not None}
        if not outers <= known.keys():
            yield Finding(where, OUTER)
            return
        out_of, into = (
            _at(steps.get(pk, ()), after.state.at) if pk is not None else [None]
            for pk in (before.state.parent_id, after.state.parent_id)
        )
        pairs = [(one, other) for one in out_of for other in into]
    if all(_refused(before, after, one, other) for one, other in pairs):
        yield Finding(where, LAW)


def _refused(before: Step, after: Step, out_of: State | None, into: State | None) -> bool:
    try:
        refusals = check_step(after.act, before.state, after.state, outer_before=out_of, outer_after=into)
        return any(True for _ in refusals)
    except ValueError:
        return True


def _at(steps: Sequence[Step], at: datetime) -> list[State | None]:
    """The states that a container had at that moment: more than one if steps of it are of the same instant."""
    after = [*(step.state.at for step in steps[1:]), datetime.max.replace(tzinfo=UTC)]
    return (
        [step.state for step, until in zip(steps, after, strict=True) if step.state.at <= at <= until]
        if steps
        else []
    )


def _documents(evidence: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """What people signed is what the log says they saw."""
    said = {
        (event["subject"], event["data"].get("seen"))
        for event in events
        if event["subject"].startswith(PROPOSAL)
    }
    for one in evidence["documents"]:
        subject = f"{PROPOSAL}{one['proposal']}"
        if (subject, sha256(one["text"].encode()).hexdigest()) not in said:
            yield Finding(subject, DOCUMENT)
