"""What is kept of a member of staff, and what is missing of it (P5.2)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from keju.algorithms.identity import IdentityRefused, check_identity
from keju.rulebook import Refusal, rule
from keju.rulebook.words import Words, t

MALE, FEMALE = "M", "F"
SEXES: dict[str, Words] = {MALE: t("男", "Male"), FEMALE: t("女", "Female")}
MOBILE = re.compile(r"1[3-9][0-9]{9}")
COLLECTED: dict[str, Words] = {
    "name": t("姓名", "Name"),
    "sex": t("性别", "Sex"),
    "employer": t("工作单位", "Employer"),
    "phone": t("手机号码", "Mobile number"),
    "point": t("考点", "Point"),
    "post": t("岗位", "Post"),
}
"""What the region collects of everybody (P5.2), in the order of the clause."""


@dataclass(frozen=True)
class NewMember:
    """A member of staff as entered. `sex` may be empty: the identity number tells it. Employer and telephone may come later."""

    name: str
    identity: str
    sex: str = ""
    employer: str = ""
    phone: str = ""
    in_sector: bool = False
    permanent: bool = False
    languages: str = ""
    certificates: str = ""
    sector_sure: bool = False


@rule("V2.9")
def check_member(member: NewMember, today: date) -> Iterator[Refusal]:
    """Nobody is checked for recusal without a true identity number; what is typed of sex and telephone must fit."""
    if not member.name.strip():
        yield Refusal("V2.9", "staffing_no_name", field="name")
    try:
        said = MALE if check_identity(member.identity, today=today).sex == "male" else FEMALE
    except IdentityRefused as refused:
        yield Refusal("V2.9", f"staffing_identity_{refused.code}", field="identity")
    else:
        if member.sex and member.sex != said:
            yield Refusal("V2.9", "staffing_sex", {"sex": SEXES[said]}, field="sex")
    if member.phone and not MOBILE.fullmatch(member.phone):
        yield Refusal("V2.9", "staffing_phone", {"typed": len(member.phone)}, field="phone")


@rule("P5.2")
def lacking(*, name: str, sex: str, employer: str, phone: str, point: str, post: str) -> tuple[str, ...]:
    """Which of what the region collects of everybody is not there."""
    given = {"name": name, "sex": sex, "employer": employer, "phone": phone, "point": point, "post": post}
    return tuple(key for key in COLLECTED if not given[key].strip())
