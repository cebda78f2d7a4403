"""The plan of a journey, its escort cards, and the report of a case on paper."""

from datetime import datetime

from keju.kernel.audit import record, write
from keju.kernel.documents import pictures
from keju.kernel.documents.services import Printed, print_document
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.rulebook.words import Words, t
from keju.stages.custody import events
from keju.stages.custody.documents.moving import card, moment, sheet
from keju.stages.custody.models import Case, Isolation, Journey
from keju.stages.custody.queries import cases as cases_read
from keju.stages.custody.queries import journeys as queries
from keju.stages.custody.queries.naming import CASE_STEP_NAMES, SORT_NAMES, place_names
from keju.stages.custody.queries.store_names import LOCKS
from keju.stages.custody.services.underway import new_cards

DUTIES = {
    "leader": t("押运负责人", "Leads the escort"),
    "escort": t("押运员", "Escort"),
    "driver": t("驾驶员", "Driver"),
}
MODES = {
    "post": t("机要寄递", "Confidential post"),
    "road": t("公路押运", "Escort by road"),
    "train": t("火车押运", "Escort by train"),
    "air": t("空运携带", "By air"),
}


@write("custody:journey:plan")
def print_plan(*, exam: Exam, journey_id: int, language: str = "zh", by: Actor, at: datetime) -> Printed:
    """The plan with its people, to be signed and taken along."""
    row = queries.one(exam, journey_id, viewer=by)
    place = place_names(exam, [row.to_place])[row.to_place]
    crew = queries.crew_of(row)
    phones = queries.phones(crew)
    data = sheet(
        exam=exam.name, title=t("试卷运送方案", "Plan of a journey"), number=str(row.pk),
        pairs=[
            (t("由哪里到哪里", "From, to"), _way(row)), (t("送到", "Brought to"), place), (t("方式", "By"), MODES[row.mode]),
            (t("计划出发", "Leaves"), moment(row.depart_at)), (t("计划到达", "Arrives"), moment(row.arrive_at)),
            (t("发出方负责人", "Answers at the sender"), row.responsible.name if row.responsible else ""),
            (t("接收方负责人", "Answers at the receiver"), row.receiver.name if row.receiver else ""),
            (t("承运单位和约定", "Carrier and terms"), f"{row.carrier} {row.terms}"), (t("路线", "Route"), row.route),
            (t("重量、包装、防潮", "Weight, packing, damp"), row.conditions), (t("路况、天气", "Road, weather"), row.road),
            (t("公安部门", "Police"), row.police), (t("保密部门", "Secrecy authority"), row.secrecy),
            (t("车辆", "Vehicles"), "、".join(v["plate"] for v in row.vehicles)),
            (t("例外的理由", "Why an exception"), row.exception or row.reason),
        ],
        head=[t("车辆", "Vehicle"), t("职责", "Duty"), t("姓名", "Name"), t("电话", "Telephone")],
        rows=[(str(c.vehicle or "—"), DUTIES[c.duty], c.person.name, phones[c.person_id]) for c in crew],
        signers=[t("发出方负责人", "Sender"), t("押运负责人", "Leader of the escort"), t("日期", "Date")],
    )  # fmt: skip
    return _printed(
        "journey_plan",
        "custody/moving",
        data,
        {},
        exam,
        f"journey:{row.pk}",
        row.office_path,
        language,
        by,
        at,
    )


@write("custody:journey:plan")
def print_cards(
    *, exam: Exam, journey_id: int, base: str, language: str = "zh", by: Actor, at: datetime
) -> Printed:
    """A card for everybody of the journey, each with a fresh address to report by; former cards open nothing any more."""
    row = queries.one(exam, journey_id, viewer=by)
    tokens = new_cards(exam=exam, journey_id=journey_id, by=by, at=at)
    crew = queries.crew_of(row)
    files, cards, phones = {}, [], queries.phones(crew)
    for c in crew:
        files[f"qr{c.pk}"] = pictures.qr_png(base + tokens[c.person_id])
        plate = row.vehicles[c.vehicle - 1]["plate"] if 0 < c.vehicle <= len(row.vehicles) else ""
        cards.append(
            card(name=c.person.name, duty=DUTIES[c.duty], way=_way(row), vehicle=plate, leaves=row.depart_at,
                 arrives=row.arrive_at, phone=phones[c.person_id], code=f"qr{c.pk}")
        )  # fmt: skip
    data = {"exam": {"zh": exam.name.zh, "en": exam.name.en}, "number": str(row.pk), "cards": cards}
    return _printed(
        "escort_card",
        "custody/escorts",
        data,
        files,
        exam,
        f"journey:{row.pk}",
        row.office_path,
        language,
        by,
        at,
    )


@write("custody:case:report")
def print_case(*, exam: Exam, case_id: int, language: str = "zh", by: Actor, at: datetime) -> Printed:
    """What was found, who was told, what was done, with times and names."""
    row: Case = cases_read.one(exam, case_id, viewer=by)
    whole = cases_read.whole(row)
    bags = "、".join(f"{c.container.code} {c.seal_before}→{c.seal_after or '—'}" for c in whole.containers)
    apart = "；".join(
        f"{i.name}（{moment(i.started_at)}–{moment(i.ended_at) or '…'}，{_with(i)}）"
        for i in whole.isolations
    )
    key = row.key_step
    lock = f"{key.store.name} {LOCKS[key.lock]} {key.label}" if key else ""
    data = sheet(
        exam=exam.name, title=t("试卷异常处理报告", "Report of a case"), number=str(row.pk),
        pairs=[
            (t("单位", "Office"), office(row.office_code).name), (t("种类", "Kind"), SORT_NAMES[row.sort]),
            (t("情况", "What happened"), row.words),
            (t("钥匙", "Key"), lock), (t("箱袋和封条（原→新）", "Containers, seals (former → new)"), bags),
            (t("上级指示", "Instruction"), row.instruction), (t("原因", "Cause"), row.cause),
            (t("处理情况、结论", "Handling, findings"), row.handling), (t("隔离人员", "Isolated"), apart),
        ],
        head=[t("时间", "When"), t("步骤", "Step"), t("办理人", "By"), t("照片", "Photos"), t("情况", "What")],
        rows=[
            (moment(s.happened_at), CASE_STEP_NAMES[s.kind], "、".join([s.name, *s.people]), str(len(s.photos) or ""), s.words)
            for s in whole.steps
        ],
        signers=[t("办理人", "Handled by"), t("负责人", "In charge"), t("单位（章）", "Office (stamp)"), t("日期", "Date")],
    )  # fmt: skip
    return _printed(
        "case_report", "custody/moving", data, {}, exam, f"case:{row.pk}", row.office_path, language, by, at
    )


def _with(one: Isolation) -> str:
    """Who was with them, from when on."""
    found = sorted(one.companions.all(), key=lambda c: c.from_at)
    return "、".join(f"{c.name} {moment(c.from_at)}" for c in found) or one.companion


def _printed(
    kind: str, template: str, data: dict[str, object], files: dict[str, bytes], exam: Exam, subject: str, path: str,
    language: str, by: Actor, at: datetime,
) -> Printed:  # fmt: skip
    made = print_document(
        kind=kind, template=template, data=data, files=files, exam=exam, subject=subject, office_path=path,
        language=language, by=by, at=at,
    )  # fmt: skip
    event = events.CASE_PRINTED if subject.startswith("case") else events.JOURNEY_PRINTED
    record(
        event,
        by=by,
        at=at,
        subject=subject,
        exam=exam.slug,
        office_path=path,
        rules=["V10.2.4"],
        data={"kind": kind},
    )
    return made


def _way(row: Journey) -> Words:
    return t("{a} → {b}", "{a} → {b}").format(
        a=office(row.sender_code).name, b=office(row.receiver_code).name
    )
