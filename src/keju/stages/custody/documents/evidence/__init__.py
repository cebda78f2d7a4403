"""An evidence file to be read by a person: sections of rows, in order of time, as plain data."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from keju.rulebook.words import Words, t
from keju.stages.custody.documents.evidence import around, chain
from keju.stages.custody.documents.evidence.cells import Cell, Evidence, day, plain

SECTIONS = (
    chain.timeline, chain.containers, around.handovers, around.signed, around.exam_day, around.exceptions, around.cases,
    around.journeys, around.entries, around.destructions, around.unwatched, around.alarms,
)  # fmt: skip
README = """证据文件 · Evidence file

data/evidence.pdf    供人阅读 · to read
data/evidence.json   供程序核验：每次操作的审计事件原文、日志证明、步骤原文 · for programs: each operation's audit event word for
                     word, its proof in the log, and its steps word for word
data/photos/         照片，文件名即SHA-256 · photos, each named by its SHA-256
*.note               签名：本文件夹的摘要 · the signature: this folder's digest

核验（不联网、不用数据库）· To verify, without network or database:

    keju evidence verify evidence-….zip --keys keys.txt

keys.txt 是两行公钥，请向考试中心另行索取（keju evidence keys），不要用随证据一起送来的。
keys.txt holds two public keys, a line each. Get it from the centre (keju evidence keys), never together with the file.

格式说明见 docs/evidence.md · The format is written down in docs/evidence.md.
"""


def paper(evidence: Evidence, *, body: bytes, keys: Sequence[str]) -> dict[str, Any]:
    """Plain data for `custody/evidence`. `body`: the bytes of evidence.json, whose SHA-256 is printed; `keys`: public keys."""
    about, made = evidence["about"], evidence["made"]
    size = evidence["head"].splitlines()[1]
    facts: list[tuple[Words, Cell]] = [
        (t("对象", "About"), about),
        (t("制作", "Made"), f"{day(made['at'])} {made['by']}（{made['office']}）"),
        (t("事由", "Reason"), made["reason"]),
        (
            t("日志", "Log"),
            t("前{n}条，已签名", "first {n} events, signed").format(n=size),
        ),
    ]
    sections = [make(evidence) for make in SECTIONS]
    return {
        "exam": {"zh": evidence["exam"]["zh"], "en": evidence["exam"]["en"]},
        "code": about["code"],
        "facts": [[plain(name), plain(value)] for name, value in facts if plain(value)["zh"]],
        "sections": [section for section in sections if section["rows"]],
        "digest": sha256(body).hexdigest(),
        "head": evidence["head"].splitlines()[:3],
        "keys": list(keys),
    }
