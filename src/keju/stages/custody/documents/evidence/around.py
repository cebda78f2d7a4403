"""What else is known: handovers, signatures, the exam day, cases, journeys, entries, alarms."""

from typing import Any

from keju.rulebook.words import t
from keju.stages.custody.documents.evidence.cells import Evidence, Row, codes, day, fates, said, section

YES, REFUSED = t("进入", "admitted"), t("拒绝", "refused")
MEANS = {"device": t("本人设备", "own device"), "sheet": t("签字码表", "signing sheet")}


def handovers(evidence: Evidence) -> dict[str, Any]:
    signed = {d["proposal"]: d["signatures"] for d in evidence["documents"]}
    rows = []
    for h in evidence["handovers"]:
        at = {s["name"]: day(s["at"]) for s in signed.get(h["proposal"], ())}
        people = "\n".join(f"{p['name']} {at.get(p['name'], '—')}" for p in h["people"])
        found = [f"{i['code']} {i['seen_seal'] or i['seal']}" for i in h["items"]]
        rows.append(
            (str(h["handover"]), h["kind"], t("{a} → {b}", "{a} → {b}").format(a=said(h["from"]), b=said(h["to"])),
             codes(found, 3), h["state_words"], people, day(h["receipt_at"]))
        )  # fmt: skip
    return section(
        t("交接", "Handovers"),
        ("auto", "auto", "1fr", "auto", "auto", "auto", "auto"),
        [
            t("号", "No."), t("种类", "Kind"), t("由谁到谁", "From, to"), t("容器、封条", "Containers, seals"),
            t("状态", "State"), t("参加人、签字时间", "People, signed at"), t("回执", "Receipt"),
        ],
        rows,
    )  # fmt: skip


def signed(evidence: Evidence) -> dict[str, Any]:
    rows = [
        (d["title"], s["name"], s["as"], day(s["at"]), MEANS.get(s["means"], s["means"]), d["sha256"][:16])
        for d in evidence["documents"]
        for s in d["signatures"]
    ]
    return section(
        t("签字", "Signatures"),
        ("1fr", "auto", "auto", "auto", "auto", "auto"),
        [
            t("签署内容", "What was signed"), t("姓名", "Name"), t("身份", "As"), t("时间", "When"), t("凭据", "Proof"),
            t("内容摘要", "Its SHA-256"),
        ],
        rows,
    )  # fmt: skip


def exam_day(evidence: Evidence) -> dict[str, Any]:
    """Issued to rooms and counted back, in order of time."""
    rows = [
        (
            day(i["at"]),
            f"{i['site']} / {i['room']}",
            t("发到考场", "Issued to the room"),
            "、".join(i["invigilators"]),
        )
        for i in evidence["issues"]
    ]
    said = t(
        "到考{present}、缺考{absent}；卷：{papers}；卡：{cards}",
        "{present} present, {absent} absent; papers: {papers}; cards: {cards}",
    )
    rows += [
        (day(c["at"]), f"{c['site']} / {c['room']}", t("共同清点", "Counted together"),
         said.format(present=c["present"], absent=c["absent"], papers=fates(c["papers"]), cards=fates(c["cards"])))
        for c in evidence["counts"]
    ]  # fmt: skip
    used = t("{spare} 的 {a} 号换 {bag} 的 {b} 号 {note}", "{a} of {spare} for {b} of {bag} {note}")
    rows += [
        (day(u["at"]), str(u["room"]), t("启用备用卷", "Spare paper used"),
         used.format(spare=u["spare"], a=u["spare_serial"], bag=u["bag"], b=u["defective_serial"], note=u["note"]))
        for u in evidence["spares"]
    ]  # fmt: skip
    heads = [t("时间", "When"), t("考场", "Room"), t("事项", "What"), t("人员、数目", "People, figures")]
    return section(
        t("考试当天", "The exam day"),
        ("auto", "auto", "auto", "1fr"),
        heads,
        sorted(rows, key=lambda r: r[0]),
    )


def exceptions(evidence: Evidence) -> dict[str, Any]:
    rows = [
        (
            day(e["reported_at"]),
            e["code"],
            e["kind"],
            e["detail"],
            e["instruction"],
            day(e["instructed_at"]),
        )
        for e in evidence["exceptions"]
    ]
    heads = [
        t("报告时间", "Reported"), t("容器", "Container"), t("情况", "What"), t("说明", "Detail"), t("上级指示", "Instruction"),
        t("指示时间", "Instructed"),
    ]  # fmt: skip
    return section(t("异常", "Abnormal"), ("auto", "auto", "auto", "1fr", "1fr", "auto"), heads, rows)


def cases(evidence: Evidence) -> dict[str, Any]:
    rows: list[Row] = []
    for c in evidence["cases"]:
        rows.append((day(c["reported_at"]), str(c["case"]), t("报告", "Reported"), c["words"], ""))
        rows += [
            (day(s["at"]), str(c["case"]), s["kind_words"], s["words"], "、".join([s["name"], *s["people"]]))
            for s in c["steps"]
        ]
        if c["closed_at"]:
            words = t("原因：{cause}；处理：{handling}", "Cause: {cause}; handling: {handling}").format(
                cause=c["cause"], handling=c["handling"]
            )
            rows.append((day(c["closed_at"]), str(c["case"]), t("结案", "Closed"), words, ""))
    heads = [t("时间", "When"), t("个案", "Case"), t("步骤", "Step"), t("情况", "What"), t("人员", "People")]
    return section(
        t("个案和事件", "Cases and incidents"), ("auto", "auto", "auto", "1fr", "auto"), heads, rows
    )


def journeys(evidence: Evidence) -> dict[str, Any]:
    rows = [
        (str(j["journey"]), t("{a} → {b}", "{a} → {b}").format(a=said(j["from"]), b=said(j["to"])), j["route"],
         "、".join(j["vehicles"]), "、".join(c["name"] for c in j["crew"]), day(j["departed_at"]), day(j["arrived_at"]))
        for j in evidence["journeys"]
    ]  # fmt: skip
    heads = [
        t("号", "No."), t("由哪里到哪里", "From, to"), t("路线", "Route"), t("车辆", "Vehicles"), t("押运人员", "Crew"),
        t("出发", "Left"), t("到达", "Arrived"),
    ]  # fmt: skip
    return section(t("运送", "Journeys"), ("auto", "1fr", "1fr", "auto", "auto", "auto", "auto"), heads, rows)


def entries(evidence: Evidence) -> dict[str, Any]:
    rows = [
        (day(e["in_at"]), day(e["out_at"]), e["store"], e["name"], e["purpose"], YES if e["admitted"] else REFUSED,
         "、".join(e["keyholders"]), e["taken"])
        for e in evidence["entries"]
    ]  # fmt: skip
    heads = [
        t("进入", "In"), t("离开", "Out"), t("保密室", "Store"), t("姓名", "Name"), t("事由", "What for"), t("结果", "Result"),
        t("开门人", "Keyholders"), t("带出", "Taken"),
    ]  # fmt: skip
    return section(
        t("保密室进出", "Entries of stores"), ("auto", "auto", "1fr", "auto", "auto", "auto", "auto", "auto"), heads, rows
    )  # fmt: skip


def destructions(evidence: Evidence) -> dict[str, Any]:
    rows = [
        (
            day(d["done_at"]),
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
    return section(t("销毁", "Destruction"), ("auto", "1fr", "auto", "auto", "auto", "auto"), heads, rows)


def unwatched(evidence: Evidence) -> dict[str, Any]:
    rows = [(u["code"], u["place_words"], day(u["since"]), day(u["until"])) for u in evidence["unwatched"]]
    heads = [t("容器", "Container"), t("位置", "Place"), t("从", "From"), t("到", "Until")]
    return section(t("未封且无人看管", "Open and unwatched"), ("auto", "1fr", "auto", "auto"), heads, rows)


def alarms(evidence: Evidence) -> dict[str, Any]:
    rows = [
        (day(a["since"]), day(a["raised_at"]), day(a["cleared_at"]), a["words"], a["rule"])
        for a in evidence["alarms"]
    ]
    heads = [
        t("起于", "Since"),
        t("报警", "Raised"),
        t("解除", "Cleared"),
        t("内容", "What"),
        t("条款", "Clause"),
    ]
    return section(t("警报", "Alarms"), ("auto", "auto", "auto", "1fr", "auto"), heads, rows)
