"""All published vectors of transparency-dev/merkle: 12 valid proofs, 184 that must be refused."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

from keju.algorithms.merkle import verify_consistency, verify_inclusion
from keju.algorithms.merkle.tests.golden import golden


def cases(kind: str) -> list[tuple[str, dict[str, Any]]]:
    found = sorted(Path(golden("rfc6962"), kind).rglob("*.json"))
    return [(str(path.relative_to(path.parents[2])), json.loads(path.read_text())) for path in found]


def raw(text: str | None) -> bytes:
    return b64decode(text or "")


def inclusion(case: dict[str, Any]) -> bool:
    return verify_inclusion(
        index=case["leafIdx"],
        size=case["treeSize"],
        leaf=raw(case["leafHash"]),
        root=raw(case["root"]),
        proof=[raw(step) for step in case["proof"] or ()],
    )


def consistency(case: dict[str, Any]) -> bool:
    return verify_consistency(
        size1=case["size1"],
        size2=case["size2"],
        root1=raw(case["root1"]),
        root2=raw(case["root2"]),
        proof=[raw(step) for step in case["proof"] or ()],
    )


def test_every_vector_is_judged_as_published() -> None:
    judged = [(name, inclusion(case), case["wantErr"]) for name, case in cases("inclusion")]
    judged += [(name, consistency(case), case["wantErr"]) for name, case in cases("consistency")]
    assert [name for name, accepted, refuse in judged if accepted == refuse] == []
    assert len(judged) == 196
    assert sum(accepted for _, accepted, _ in judged) == 12
