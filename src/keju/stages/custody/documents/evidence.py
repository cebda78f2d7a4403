"""An evidence file to be read by a person: sections of rows, in order of time, as plain data."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from keju.rulebook.words import Words, t
from keju.stages.custody.documents.moving import both, moment

Cell = Words | str | dict[str, str]
Row = Sequence[Cell]
Evidence = Mapping[str, Any]

FATES = {
    "inside": t("未发", "in"),
    "out": t("已发", "out"),
    "used": t("已用", "used"),
    "unused": t("未用", "unused"),
    "defective": t("残损", "defective"),
    "missing": t("缺失", "missing"),
    "destroyed": t("已毁", "destroyed"),
}
OPEN, FROZEN = t("未封", "open"), t("封存待查", "frozen")
YES, REFUSED = t("进入", "admitted"), t("拒绝", "refused")
MEANS = {"device": t("本人设备", "own device"), "sheet": t("签字码表", "signing sheet")}
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
        (t("制作", "Made"), f"{_day(made['at'])} {made['by']}（{made['office']}）"),
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
        "facts": [[_both(name), _both(value)] for name, value in facts if _both(value)["zh"]],
        "sections": [section for section in sections if section["rows"]],
        "digest": sha256(body).hexdigest(),
        "head": evidence["head"].splitlines()[:3],
        "keys": list(keys),
    }


def _section(
    title: Words, widths: Sequence[str], head: Sequence[Words], rows: Sequence[Row]
) -> dict[str, Any]:
    return {
        "title": both(title),
        "widths": list(widths),
        "head": [both(h) for h in head],
        "rows": [[_both(cell) for cell in row] for row in rows],
    }


def _containers(evidence: Evidence) -> dict[str, Any]:
    """What each container is, and where it stands by its last step."""
    last = {moment_["container"]: moment_ for moment_ in evidence["life"]}
    rows = []
    for pk, c in evidence["containers"].items():
        m = last[int(pk)]
        serials = f"{c['first_serial']}–{c['last_serial']}" if c["first_serial"] else ""
        room = f"{c['site']}{' / ' + str(c['room']) if c['room'] else ''}"
        rows.append(
            (c["code"], c["kind_words"], room, c["session_words"], serials, _where(m), _seal(m), _counts(m))
        )
    return _section(
        t("容器及现状", "Containers as they stand"),
        ("auto", "auto", "auto", "auto", "auto", "1fr", "auto", "auto"),
        [
            t("编号", "Code"), t("种类", "Kind"), t("地点/考场", "Site / room"), t("场次", "Session"), t("流水号", "Serials"),
            t("在哪里", "Where"), t("封条", "Seal"), t("份数", "Sheets"),
        ],
        rows,
    )  # fmt: skip


def _timeline(evidence: Evidence) -> dict[str, Any]:
    """Every operation in order; of a site one row for all containers of an operation that came to stand alike."""
    alike: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for m in sorted(evidence["life"], key=lambda m: (m["at"], m["operation"], m["container"])):
        counts = tuple(m["counts"].items()) if evidence["about"]["kind"] == "container" else ()
        key = (m["operation"], m["place"], m["custodian"], m["inside"], m["frozen"], bool(m["seal"]), counts)
        alike.setdefault(key, []).append(m)
    rows = []
    for lot in alike.values():
        m = lot[0]
        who = "；".join(x for x in (m["by"], m["reason"]) if x)
        rows.append(
            (_day(m["at"]), m["act_words"], _codes([x["code"] for x in lot]), _where(m),
             _seal(m) if len(lot) == 1 else _sealed_or_open(m), _counts(m) if len(lot) == 1 else "", who)
        )  # fmt: skip
    return _section(
        t("经过", "What was done"),
        ("auto", "auto", "auto", "1fr", "auto", "auto", "auto"),
        [
            t("时间", "When"), t("操作", "Act"), t("容器", "Containers"),
            t("之后在哪里、谁保管", "Where and with whom afterwards"), t("封条", "Seal"), t("份数", "Sheets"),
            t("办理、理由", "By, reason"),
        ],
        rows,
    )  # fmt: skip


def _handovers(evidence: Evidence) -> dict[str, Any]:
    signed = {d["proposal"]: d["signatures"] for d in evidence["documents"]}
    rows = []
    for h in evidence["handovers"]:
        at = {s["name"]: _day(s["at"]) for s in signed.get(h["proposal"], ())}
        people = "\n".join(f"{p['name']} {at.get(p['name'], '—')}" for p in h["people"])
        found = [f"{i['code']} {i['seen_seal'] or i['seal']}" for i in h["items"]]
        rows.append(
            (str(h["handover"]), h["kind"], t("{a} → {b}", "{a} → {b}").format(a=_words(h["from"]), b=_words(h["to"])),
             _codes(found, 3), h["state_words"], people, _day(h["receipt_at"]))
        )  # fmt: skip
    return _section(
        t("交接", "Handovers"),
        ("auto", "auto", "1fr", "auto", "auto", "auto", "auto"),
        [
            t("号", "No."), t("种类", "Kind"), t("由谁到谁", "From, to"), t("容器、封条", "Containers, seals"),
            t("状态", "State"), t("参加人、签字时间", "People, signed at"), t("回执", "Receipt"),
        ],
        rows,
    )  # fmt: skip


def _signed(evidence: Evidence) -> dict[str, Any]:
    rows = [
        (d["title"], s["name"], s["as"], _day(s["at"]), MEANS.get(s["means"], s["means"]), d["sha256"][:16])
        for d in evidence["documents"]
        for s in d["signatures"]
    ]
    return _section(
        t("签字", "Signatures"),
        ("1fr", "auto", "auto", "auto", "auto", "auto"),
        [
            t("签署内容", "What was signed"), t("姓名", "Name"), t("身份", "As"), t("时间", "When"), t("凭据", "Proof"),
            t("内容摘要", "Its SHA-256"),
        ],
        rows,
    )  # fmt: skip


def _exceptions(evidence: Evidence) -> dict[str, Any]:
    rows = [
        (
            _day(e["reported_at"]),
            e["code"],
            e["kind"],
            e["detail"],
            e["instruction"],
            _day(e["instructed_at"]),
        )
        for e in evidence["exceptions"]
    ]
    heads = [
        t("报告时间", "Reported"), t("容器", "Container"), t("情况", "What"), t("说明", "Detail"), t("上级指示", "Instruction"),
        t("指示时间", "Instructed"),
    ]  # fmt: skip
    return _section(t("异常", "Abnormal"), ("auto", "auto", "auto", "1fr", "1fr", "auto"), heads, rows)


def _cases(evidence: Evidence) -> dict[str, Any]:
    rows: list[Row] = []
    for c in evidence["cases"]:
        rows.append((_day(c["reported_at"]), str(c["case"]), t("报告", "Reported"), c["words"], ""))
        rows += [
            (_day(s["at"]), str(c["case"]), s["kind_words"], s["words"], "、".join([s["name"], *s["people"]]))
            for s in c["steps"]
        ]
        if c["closed_at"]:
            words = t("原因：{cause}；处理：{handling}", "Cause: {cause}; handling: {handling}").format(
                cause=c["cause"], handling=c["handling"]
            )
            rows.append((_day(c["closed_at"]), str(c["case"]), t("结案", "Closed"), words, ""))
    heads = [t("时间", "When"), t("个案", "Case"), t("步骤", "Step"), t("情况", "What"), t("人员", "People")]
    return _section(
        t("个案和事件", "Cases and incidents"), ("auto", "auto", "auto", "1fr", "auto"), heads, rows
    )


def _journeys(evidence: Evidence) -> dict[str, Any]:
    rows = [
        (str(j["journey"]), t("{a} → {b}", "{a} → {b}").format(a=_words(j["from"]), b=_words(j["to"])), j["route"],
         "、".join(j["vehicles"]), "、".join(c["name"] for c in j["crew"]), _day(j["departed_at"]), _day(j["arrived_at"]))
        for j in evidence["journeys"]
    ]  # fmt: skip
    heads = [
        t("号", "No."), t("由哪里到哪里", "From, to"), t("路线", "Route"), t("车辆", "Vehicles"), t("押运人员", "Crew"),
        t("出发", "Left"), t("到达", "Arrived"),
    ]  # fmt: skip
    return _section(
        t("运送", "Journeys"), ("auto", "1fr", "1fr", "auto", "auto", "auto", "auto"), heads, rows
    )


def _entries(evidence: Evidence) -> dict[str, Any]:
    rows = [
        (_day(e["in_at"]), _day(e["out_at"]), e["store"], e["name"], e["purpose"], YES if e["admitted"] else REFUSED,
         "、".join(e["keyholders"]), e["taken"])
        for e in evidence["entries"]
    ]  # fmt: skip
    heads = [
        t("进入", "In"), t("离开", "Out"), t("保密室", "Store"), t("姓名", "Name"), t("事由", "What for"), t("结果", "Result"),
        t("开门人", "Keyholders"), t("带出", "Taken"),
    ]  # fmt: skip
    return _section(
        t("保密室进出", "Entries of stores"), ("auto", "auto", "1fr", "auto", "auto", "auto", "auto", "auto"), heads, rows
    )  # fmt: skip


def _destructions(evidence: Evidence) -> dict[str, Any]:
    rows = [
        (
            _day(d["done_at"]),
            d["place"],
            d["method"],
            str(d["papers"]),
            "、".join(d["watched_by"]),
            "、".join(d["staff"]),
        )
        for d in evidence["destructions"]
    ]
    heads = [
        t("时间", "When"), t("地点", "Place"), t("方式", "Method"), t("份数", "Papers"), t("监督人", "Watched by"),
        t("工作人员", "Staff"),
    ]  # fmt: skip
    return _section(t("销毁", "Destruction"), ("auto", "1fr", "auto", "auto", "auto", "auto"), heads, rows)


def _unwatched(evidence: Evidence) -> dict[str, Any]:
    rows = [(u["code"], u["place"], _day(u["since"]), _day(u["until"])) for u in evidence["unwatched"]]
    heads = [t("容器", "Container"), t("位置", "Place"), t("从", "From"), t("到", "Until")]
    return _section(t("未封且无人看管", "Open and unwatched"), ("auto", "1fr", "auto", "auto"), heads, rows)


def _alarms(evidence: Evidence) -> dict[str, Any]:
    rows = [
        (_day(a["since"]), _day(a["raised_at"]), _day(a["cleared_at"]), a["words"], a["rule"])
        for a in evidence["alarms"]
    ]
    heads = [
        t("起于", "Since"),
        t("报警", "Raised"),
        t("解除", "Cleared"),
        t("内容", "What"),
        t("条款", "Clause"),
    ]
    return _section(t("警报", "Alarms"), ("auto", "auto", "auto", "1fr", "auto"), heads, rows)


SECTIONS = (
    _timeline, _containers, _handovers, _signed, _exceptions, _cases, _journeys, _entries, _destructions, _unwatched, _alarms,
)  # fmt: skip


def _both(cell: Cell) -> dict[str, str]:
    return {"zh": cell["zh"], "en": cell["en"]} if isinstance(cell, dict) else both(cell)


def _words(plain: Mapping[str, str]) -> Words:
    return t(plain["zh"], plain["en"])


def _day(at: str) -> str:
    return moment(datetime.fromisoformat(at)) if at else ""


def _where(m: Mapping[str, Any]) -> Words:
    if m["inside"]:
        return t("在 {code} 内", "inside {code}").format(code=m["inside_code"])
    place, keeper = _words(m["place_words"]), _words(m["custodian_name"])
    held = t("，责任人{name}", ", held by {name}").format(name=m["holder_name"]) if m["holder_name"] else ""
    return t("{place}（{keeper}{held}）", "{place} ({keeper}{held})").format(
        place=place, keeper=keeper, held=held
    )


def _seal(m: Mapping[str, Any]) -> Words:
    state = t(m["seal"], m["seal"]) if m["seal"] else OPEN
    return t("{a}，{b}", "{a}, {b}").format(a=state, b=FROZEN) if m["frozen"] else state


def _sealed_or_open(m: Mapping[str, Any]) -> Words:
    state = t("已封", "sealed") if m["seal"] else OPEN
    return t("{a}，{b}", "{a}, {b}").format(a=state, b=FROZEN) if m["frozen"] else state


def _counts(m: Mapping[str, Any]) -> Words:
    said = [(FATES[fate], n) for fate, n in m["counts"].items() if n]
    return t("、".join(f"{w.zh}{n}" for w, n in said), ", ".join(f"{n} {w.en}" for w, n in said))


def _codes(codes: Sequence[str], most: int = 4) -> Words:
    shown = "、".join(codes[:most])
    if len(codes) <= most:
        return t(shown, shown)
    return t("{codes} 等{n}件", "{codes} … {n} in all").format(codes=shown, n=len(codes))
