"""What stands on the papers of this stage, and the names of what a candidate states. Plain data, no database."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from keju.algorithms.identity import COUNTRIES, NAMES
from keju.rulebook import Programme
from keju.rulebook.words import Words, said_day, t

DEGREES = {
    "secondary": t("中专及以下", "Secondary school or below"),
    "college": t("大学专科", "College diploma"),
    "bachelor": t("大学本科", "Bachelor"),
    "master": t("硕士", "Master"),
    "doctor": t("博士", "Doctor"),
}
MAJORS = {
    "veterinary": t("兽医", "Veterinary medicine"),
    "animal_husbandry_veterinary": t("畜牧兽医", "Animal husbandry and veterinary medicine"),
    "chinese_veterinary": t("中兽医", "Chinese veterinary medicine"),
    "ethnic_veterinary": t("民族兽医", "Ethnic veterinary medicine"),
    "aquaculture": t("水产养殖", "Aquaculture"),
    "other": t("其他专业", "Another subject"),
}
TITLES = {
    "assistant_veterinarian": t("助理兽医师", "Assistant veterinarian"),
    "veterinarian": t("兽医师", "Veterinarian"),
    "senior_veterinarian": t("高级兽医师", "Senior veterinarian"),
}
#: identity documents whose number tells birthday and sex
NUMBERED = frozenset({"resident", "residence_permit"})
SEXES = {"male": t("男", "Male"), "female": t("女", "Female")}
STATES = {
    "submitted": t("已报名，待现场确认", "Registered, not yet confirmed"),
    "confirmed": t("已确认", "Confirmed"),
    "rejected": t("未通过", "Refused"),
    "withdrawn": t("已撤回", "Withdrawn"),
}
FACTS = {
    "degree": t("学历", "Degree"),
    "major": t("专业", "Subject"),
    "school": t("毕业（就读）院校", "School"),
    "title": t("专业技术职称", "Technical title"),
    "title_on": t("取得职称的日期", "Title obtained on"),
    "graduating_year": t("毕业年份", "Year of graduation"),
}
#: what a route asks for; of a route that only the papers at the counter prove, nothing
FACTS_OF: Mapping[str, tuple[str, ...]] = {
    "diploma": ("degree", "major", "school"),
    "title": ("title", "title_on"),
    "graduating": ("major", "school", "graduating_year"),
}
SHORT_ROUTES = {
    "diploma": t("学历", "Diploma"),
    "title": t("职称", "Title"),
    "graduating": t("应届", "Graduating"),
}
FACT_CHOICES = {"degree": DEGREES, "major": MAJORS, "title": TITLES}
FIELDS = {
    "name": t("姓名", "Name"),
    "document_kind": t("证件类型", "Kind of document"),
    "country": t("签发国家或地区", "Country or region"),
    "identity": t("证件号码", "Identity number"),
    "birth_on": t("出生日期", "Born on"),
    "sex": t("性别", "Sex"),
    "phone": t("手机号码", "Telephone"),
    "email": t("电子邮箱", "E-mail"),
    "address": t("通信地址", "Postal address"),
    "employer": t("工作单位", "Employer"),
    "category": t("报考类别", "Category"),
    "route": t("报考条件", "Eligible by"),
    **FACTS,
    "point_code": t("报名考点", "Point"),
    "photo_sha256": t("照片", "Photo"),
    "pledge": t("诚信考试承诺", "Pledge of integrity"),
}
PLACE = {
    "address": t("确认地址", "Address"),
    "hours": t("办理时间", "Hours"),
    "phone": t("咨询电话", "Telephone"),
}
PLEDGE = t(
    "我已阅读报名须知，所填信息和提交的材料真实、准确；如有虚假，愿意承担取消报名、考试成绩无效等后果。"
    "我将遵守考试纪律，诚信应考，不作弊，不替考，不传播试题。",
    "I have read the instructions. What I state and hand in is true and exact; I know that untruth can cost me the "
    "registration and the result. I will keep the rules of the examination: no cheating, nobody in my place, no passing on "
    "of questions.",
)
WAYS = (
    t(
        "网上：登录报名网站，打开“缴费和退费”，那里有应缴金额、收款账户，开通了在线支付的也可以直接付。",
        "On the site: “Fee and refund” shows the amount and the account, and takes payments online where they are open.",
    ),
    t(
        "转账：在附言里写上面的缴费码；每人一个，不要用别人的，单位统一转账的逐个写明。",
        "By transfer: write the reference into the remark. It is yours alone; an employer who pays for several lists each.",
    ),
    t(
        "现场：确认时用现金缴纳，或交转账凭证复印件。",
        "At the point: in cash when you confirm, or with a copy of the transfer slip.",
    ),
    t(
        "票据在现场确认时领取。已缴过的不要再缴。",
        "You get the receipt when you confirm. If you have paid, do not pay again.",
    ),
)
_CHOICES: Mapping[str, Mapping[str, Words]] = {
    "degree": DEGREES,
    "major": MAJORS,
    "title": TITLES,
    "sex": SEXES,
    "document_kind": {kind: t(*names) for kind, names in NAMES.items()},
    "country": {code: t(*names) for code, names in COUNTRIES.items()},
}
_DAYS = frozenset({"birth_on", "title_on"})


def fact_value(key: str, value: str) -> Words | str:
    """The name of a chosen value, a day as people write it, or the text as it was typed."""
    if key in _DAYS and (day := _day(value)):
        return day
    return _CHOICES.get(key, {}).get(value, value)


def _day(value: str) -> Words | None:
    try:
        on = date.fromisoformat(value)
    except ValueError:
        return None
    return t(said_day(on, "zh"), said_day(on, "en"))


def category_name(programme: Programme, code: str) -> Words | str:
    return next((c.name for c in programme.categories if c.code == code), code)


def route_name(programme: Programme, code: str) -> Words | str:
    return next((r.name for r in programme.routes if r.code == code), code)


def document_name(kind: str) -> Words | str:
    return t(*NAMES[kind]) if kind in NAMES else kind  # type: ignore[index]


def country_name(code: str) -> Words | str:
    return t(*COUNTRIES[code]) if code in COUNTRIES else code


def materials(programme: Programme, route: str) -> list[Words]:
    """What to bring to the confirmation by this route: identity first, with numbers of originals and copies."""
    chosen = next((r.materials for r in programme.routes if r.code == route), ())
    return [_material(m.name, m.originals, m.copies) for m in (*programme.identity, *chosen)]


def _material(name: Words, originals: int, copies: int) -> Words:
    if not copies:
        return t("{name}：原件{o}份", "{name}: {o:original|originals}").format(name=name, o=originals)
    return t("{name}：原件{o}份，复印件{c}份", "{name}: {o:original|originals}, {c:copy|copies}").format(
        name=name, o=originals, c=copies
    )


def fee(state: str, reference: str) -> dict[str, Any]:
    """How to pay (V8.1), as long as somebody may still have to: the reference of a transfer and the ways. Else empty."""
    return {"reference": reference, "ways": [_both(way) for way in WAYS]} if state == "submitted" else {}


def stated(
    programme: Programme, category: str, route: str, facts: Mapping[str, str]
) -> list[tuple[Words, Words | str]]:
    """Category, route and the route's own facts as (label, value), in the order of the form."""
    found: list[tuple[Words, Words | str]] = [
        (FIELDS["category"], category_name(programme, category)),
        (FIELDS["route"], route_name(programme, route)),
    ]
    return found + [(FACTS[key], fact_value(key, facts[key])) for key in FACTS if facts.get(key)]


def paper(
    *, title: Words, number: str, version: int, rows: Iterable[tuple[Words, Words | str]], **more: Any
) -> dict[str, Any]:
    """The data of a receipt or a registration form: labels and values in both languages, and what else it shows."""
    return {
        "title": _both(title),
        "number": number,
        "version": version,
        "rows": [{"label": _both(label), "value": _both(value)} for label, value in rows],
        **{key: _plain(value) for key, value in more.items()},
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Words):
        return _both(value)
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value


def _both(value: Words | str) -> dict[str, str]:
    return {"zh": value.zh, "en": value.en} if isinstance(value, Words) else {"zh": value, "en": value}
