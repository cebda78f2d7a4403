"""The chain itself: what was done, and how the containers stand."""

from typing import Any

from keju.rulebook.words import t
from keju.stages.custody.documents.evidence.cells import (
    Evidence,
    codes,
    day,
    seal,
    sealed_or_open,
    section,
    sheets,
    where,
)


def timeline(evidence: Evidence) -> dict[str, Any]:
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
            (day(m["at"]), m["act_words"], codes([x["code"] for x in lot]), where(m),
             seal(m) if len(lot) == 1 else sealed_or_open(m), sheets(*lot), who)
        )  # fmt: skip
    return section(
        t("经过", "What was done"),
        ("auto", "auto", "auto", "1fr", "auto", "auto", "auto"),
        [
            t("时间", "When"), t("操作", "Act"), t("容器", "Containers"),
            t("之后在哪里、谁保管", "Where and with whom afterwards"), t("封条", "Seal"), t("份数", "Sheets"),
            t("办理、理由", "By, reason"),
        ],
        rows,
    )  # fmt: skip


def containers(evidence: Evidence) -> dict[str, Any]:
    """What each container is, and where it stands by its last step."""
    last = {moment_["container"]: moment_ for moment_ in evidence["life"]}
    rows = []
    for pk, c in evidence["containers"].items():
        m = last[int(pk)]
        serials = f"{c['first_serial']}–{c['last_serial']}" if c["first_serial"] else ""
        room = f"{c['site']}{' / ' + str(c['room']) if c['room'] else ''}"
        rows.append(
            (c["code"], c["kind_words"], room, c["session_words"], serials, where(m), seal(m), sheets(m))
        )
    return section(
        t("容器及现状", "Containers as they stand"),
        ("auto", "auto", "auto", "auto", "auto", "1fr", "auto", "auto"),
        [
            t("编号", "Code"), t("种类", "Kind"), t("地点/考场", "Site / room"), t("场次", "Session"), t("流水号", "Serials"),
            t("在哪里", "Where"), t("封条", "Seal"), t("份数", "Sheets"),
        ],
        rows,
    )  # fmt: skip
