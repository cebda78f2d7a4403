"""What stands on a certificate. Plain data, no database."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from keju.rulebook import Programme
from keju.rulebook.words import Words, t

CHINA = ZoneInfo("Asia/Shanghai")
SEXES = {"male": t("男", "Male"), "female": t("女", "Female")}


def category_name(programme: Programme, code: str) -> Words:
    return next((c.name for c in programme.categories if c.code == code), t(code, code))


def level_name(programme: Programme, code: str) -> Words:
    return next((level.name for level in programme.levels if level.code == code), t(code, code))


def scope(category: str) -> Words:
    """What the certificate lets its holder do (V5.3.0): who passed aquatic registers for aquatic practice only."""
    if category == "aquatic":
        return t("仅限水生动物诊疗执业注册", "Registration for aquatic practice only")
    return t("动物诊疗执业注册", "Registration for veterinary practice")


def certificate(
    programme: Programme,
    *,
    exam: Words,
    year: int,
    number: str,
    name: str,
    sex: str,
    identity_masked: str,
    category: str,
    level: str,
    region: Words,
    granted_at: datetime,
    issue: int,
    has_photo: bool,
    code: str,
) -> dict[str, Any]:
    """The certificate's data; the date on it is the day of the grant, whenever it is printed."""
    return {
        "exam": both(exam),
        "year": year,
        "number": number,
        "name": name,
        "sex": both(SEXES.get(sex, t(sex, sex))),
        "identity": identity_masked,
        "category": both(category_name(programme, category)),
        "level": both(level_name(programme, level)),
        "scope": both(scope(category)),
        "region": both(region),
        "granted": day(granted_at),
        "reissued": issue > 1,
        "photo": has_photo,
        "code": code,
    }


def both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def day(at: datetime) -> dict[str, str]:
    here = at.astimezone(CHINA)
    return {"zh": f"{here.year}年{here.month}月{here.day}日", "en": f"{here.day} {here:%B %Y}"}
