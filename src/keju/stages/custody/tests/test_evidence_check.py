"""The checker of evidence files: what is true it accepts, whatever was changed it finds. Without a database."""

import copy
import json
import random
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from keju.algorithms import merkle
from keju.stages.custody.rules.chain import Act, State, sha, written
from keju.stages.custody.rules.containers import FACTS, identities
from keju.stages.custody.rules.evidence import FORMAT, check, checking
from keju.stages.custody.tests import walk

SIGNER = merkle.Signer.from_seed("keju/audit", bytes(32))
OTHER = merkle.Signer.from_seed("keju/audit", bytes(31) + b"\1")
Path = tuple[str | int, ...]


def event(kind: str, subject: str, at: str, data: dict[str, object]) -> str:
    row = {"kind": kind, "subject": subject, "at": at, "exam": "vet-2011", "data": data}
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def story(seed: int, operations: int) -> list[tuple[Act, dict[int, State]]]:
    """What came about in a random walk: each operation with the states after it, from the making on."""
    dice, world = random.Random(seed), walk.world(2, 4)
    told = [(Act.MADE, dict(world.states))]
    while len(told) < operations:
        act, changes = walk.wish(world, dice)
        at = world.at + timedelta(seconds=dice.choice((0, 1, 60)))
        if act is not Act.DESTROYED and not walk.attempt(world, act, changes, at):
            told.append((act, {pk: world.states[pk] for pk in changes}))
    return told


def evidence(told: list[tuple[Act, dict[int, State]]], shown: set[int]) -> dict[str, Any]:
    """The file of these containers, in a log with other events between."""
    seen = "what was signed"
    texts, places, steps = [], {}, {}
    for number, (act, states) in enumerate(told, 1):
        if not shown & states.keys():
            continue
        texts.append(event("other", "thing:1", "2011-08-01T00:00:00+00:00", {"n": number}))
        places[number] = len(texts)
        (instant,) = {s.at for s in states.values()}
        data: dict[str, object] = {
            "operation": number, "containers": len(states), "digest": sha(written(states)), "proposal": None,
            "reason": sha("why"), **({"identities": sha(identities(IDENTITIES))} if act is Act.MADE else {}),
        }  # fmt: skip
        texts.append(event(f"custody.chain.{act}", f"operation:{number}", instant.isoformat(), data))
        for pk, state in states.items():
            steps.setdefault(pk, []).append(checking.Step(number, act, state))
    texts.append(event("approvals.signed", "proposal:3", "2011-08-01T00:00:00+00:00",
                       {"seen": sha256(seen.encode()).hexdigest()}))  # fmt: skip
    hashes = [merkle.leaf_hash(text.encode()) for text in texts]
    nodes = {(level, index): value for level, index, value in merkle.Frontier().extend(hashes)}
    log = sorted([*places.values(), len(texts) - 1])
    return {
        "format": FORMAT,
        "exam": {"slug": "vet-2011"},
        "head": merkle.sign_checkpoint("keju/audit", len(texts), merkle.root(hashes), [SIGNER]),
        "events": [
            {
                "event": texts[n],
                "index": n,
                "proof": [
                    h.hex() for h in merkle.inclusion_proof(n, len(texts), lambda level, i: nodes[level, i])
                ],
            }
            for n in log
        ],
        "operations": {
            str(number): {
                "event": log.index(place),
                "steps": written(told[number - 1][1]),
                **({"identities": identities(IDENTITIES)} if told[number - 1][0] is Act.MADE else {}),
            }
            for number, place in places.items()
        },
        "containers": {
            str(pk): {name: dict(zip(FACTS, IDENTITIES[pk], strict=True))[fact] for name, fact in checking.NAMED.items()}
            for pk in sorted(shown)
        },
        "life": [
            {**checking.moment(pk, step), "proposal": None, "reason": "why", "subject": ""}
            for pk in sorted(shown)
            for step in steps[pk]
        ],
        "documents": [{"proposal": 3, "text": seen}],
    }  # fmt: skip


IDENTITIES: dict[int, tuple[object, ...]] = {
    pk: (
        f"B{pk}",
        "bag",
        "/13/1301/01/",
        "1301-01",
        pk,
        1,
        "general",
        0 if pk <= 2 else 30,
        30 * pk + 1,
        30 * pk + 30,
    )
    for pk in range(1, 7)
}


def judged(file: dict[str, Any]) -> list[checking.Finding]:
    return check(file, merkle.open_checkpoint(file["head"], [SIGNER.verifier]))


@pytest.fixture(scope="module")
def true() -> dict[str, Any]:
    """A short one: two outer containers and two bags that went into them and out."""
    for seed in range(200):
        told = story(seed, 14)
        mine = [act for act, states in told if 3 in states]
        if {Act.PACKED, Act.UNPACKED} <= set(mine):
            return evidence(told, {1, 2, 3, 4})
    raise AssertionError("no walk packs and unpacks")


@pytest.mark.rule("V12.2.0", "V11.2.2")
@pytest.mark.parametrize("seed", range(3))
def test_whatever_came_about_by_the_rules_is_accepted(seed: int) -> None:
    told = story(seed, 60)
    assert judged(evidence(told, set(range(1, 7)))) == []
    assert judged(evidence(told, {1, 2, 5})) == []  # of the others only what the digests need


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in the file where a plain value stands."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from leaves(one, (*path, key))
    if not isinstance(value, dict | list):
        yield path


def holders(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place from which something could be taken away."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*path, key)
        yield from holders(one, (*path, key))


def at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def otherwise(value: Any) -> list[Any]:
    """What somebody might write in its place."""
    if isinstance(value, str):
        half = len(value) // 2
        flipped = "1" if value[half : half + 1] == "0" else "0"
        return [value[:half] + flipped + value[half + 1 :], value + "0"]
    if isinstance(value, bool):
        return [not value]
    return [7_000 if value is None else value + 1, "x"]


CLAIMED = ("format", "events", "operations", "containers", "life", "documents")


def changes(true: dict[str, Any]) -> list[tuple[Path, Any]]:
    """Every plain value of what is claimed, each with something else in its place."""
    paths = [path for path in leaves(true) if path[0] in CLAIMED]
    return [(path, value) for path in paths for value in otherwise(at(true, path))]


def omissions(true: dict[str, Any]) -> list[Path]:
    """Everything that may not be left out: all but events of no operation."""
    operations = {one["event"] for one in true["operations"].values()}
    found = holders({part: true[part] for part in ("events", "operations", "life")})
    return [path for path in found if path[:1] != ("events",) or len(path) > 2 or path[-1] in operations]


def unnoticed_change(true: dict[str, Any], path: Path, value: Any) -> bool:
    inner, former = at(true, path[:-1]), at(true, path)
    inner[path[-1]] = value
    try:
        return not judged(true)
    finally:
        inner[path[-1]] = former


def unnoticed_omission(true: dict[str, Any], path: Path) -> bool:
    file = copy.deepcopy(true)
    del at(file, path[:-1])[path[-1]]
    return not judged(file)


@pytest.mark.rule("V12.2.0")
def test_a_change_of_what_is_claimed_is_found(true: dict[str, Any]) -> None:
    every = changes(true)
    assert len(every) > 900 and judged(true) == []
    assert [c for c in random.Random(5).sample(every, 120) if unnoticed_change(true, *c)] == []


def test_whatever_is_taken_out_is_found(true: dict[str, Any]) -> None:
    assert [o for o in random.Random(5).sample(omissions(true), 60) if unnoticed_omission(true, o)] == []


@pytest.mark.nightly
def test_every_single_change_and_omission_is_found(true: dict[str, Any]) -> None:
    assert [c for c in changes(true) if unnoticed_change(true, *c)] == []
    assert [o for o in omissions(true) if unnoticed_omission(true, o)] == []


def test_a_step_taken_out_of_every_part_leaves_a_gap(true: dict[str, Any]) -> None:
    mine = [m for m in true["life"] if m["container"] == 3]
    for gone in mine[:-1]:
        file = copy.deepcopy(true)
        del file["operations"][str(gone["operation"])]
        file["life"] = [m for m in file["life"] if m["operation"] != gone["operation"]]
        assert checking.GAP in {f.words for f in judged(file) if f.place == "container:B3"}


def test_a_container_that_another_lay_in_cannot_be_left_out(true: dict[str, Any]) -> None:
    outer = next(m["inside"] for m in true["life"] if m["inside"])
    file = copy.deepcopy(true)
    del file["containers"][str(outer)]
    file["life"] = [m for m in file["life"] if m["container"] != outer]
    assert checking.OUTER in {f.words for f in judged(file)}


def test_a_log_of_ones_own_is_not_the_installations(true: dict[str, Any]) -> None:
    """Somebody with the key of the files, but not of the log, forges a whole history: its head is not signed by the log."""
    with pytest.raises(merkle.NoteRefused):
        merkle.open_checkpoint(true["head"], [OTHER.verifier])


def test_steps_in_the_log_that_break_the_rules_are_found() -> None:
    """The log cannot be forged; that what it holds came about by the rules is looked at as well."""
    told = story(3, 20)
    number, pk = next((n, pk) for n, (act, states) in enumerate(told) if act is Act.MOVED for pk in states)
    told[number] = (Act.COUNTED, told[number][1])  # a count does not move anything
    found = judged(evidence(told, set(range(1, 7))))
    assert checking.LAW in {f.words for f in found} and any(f"B{pk}/" in f.place for f in found)


@pytest.mark.parametrize(
    "wreck", [{}, {"format": FORMAT}, {"events": 3}, {"life": None}, {"operations": {"x": {}}}]
)
def test_what_is_no_evidence_file_is_refused_and_raises_nothing(
    wreck: dict[str, Any], true: dict[str, Any]
) -> None:
    log = merkle.open_checkpoint(true["head"], [SIGNER.verifier])
    assert check(wreck if len(wreck) == 0 or "format" in wreck else {**true, **wreck}, log)
