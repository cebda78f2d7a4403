"""Resident identity numbers by GB 11643: six digits of the division that issued it, the birthday, a serial
that is odd for men and even for women, and a check digit of ISO 7064 MOD 11-2 (10 is written X).

The older number of fifteen digits lacks the century and the check digit; both follow from the rest, so every
person has exactly one number of eighteen, by which duplicates are found.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

from stdnum.cn.ric import calc_check_digit

from keju.algorithms.identity.divisions import division_name

Kind = Literal["resident", "resident_15"]
Sex = Literal["male", "female"]
Reason = Literal[
    "characters",
    "length",
    "date",
    "division",
    "check_digit",
    "not_permit",
    "hk_macao_form",
    "taiwan_form",
    "passport_form",
    "passport_check_digit",
    "country",
]

REASONS: Mapping[Reason, tuple[str, str]] = MappingProxyType(
    {
        "characters": (
            "身份证件号码只能由数字组成，18位号码的末位可以是X。",
            "An identity number has digits only; the last of eighteen may be X.",
        ),
        "length": (
            "身份证件号码的位数不对：应为18位（老号码为15位）。",
            "The identity number has the wrong length: eighteen digits (the old kind, fifteen).",
        ),
        "date": (
            "身份证件号码中的出生日期不存在或不可能。",
            "The birthday in the identity number does not exist or is impossible.",
        ),
        "division": (
            "身份证件号码前六位不是任何时期使用过的行政区划代码。",
            "The first six digits of the identity number were never the code of a division.",
        ),
        "check_digit": (
            "身份证件号码的校验位不符，请逐位核对是否输错。",
            "The check digit of the identity number does not fit: compare it digit by digit.",
        ),
        "not_permit": (
            "港澳台居民居住证的号码以810000、820000或830000开头；持居民身份证的请另选证件种类。",
            "The number of a residence permit begins with 810000, 820000 or 830000; for an identity card choose that kind.",
        ),
        "hk_macao_form": (
            "港澳居民来往内地通行证的号码是字母H或M加8位数字（旧证后面另有2位换证次数）。",
            "The number of this permit is H or M with eight digits (on older cards two more for the reissue).",
        ),
        "taiwan_form": (
            "台湾居民来往大陆通行证的号码是8位数字（旧证后面另有2位换证次数和括号内的字母）。",
            "The number of this permit has eight digits (in older booklets two more for the reissue, and a letter).",
        ),
        "passport_form": (
            "护照号码是1至9个拉丁字母和数字，请照护照资料页右上角填写。",
            "A passport number has one to nine Latin letters and digits: copy it from the data page.",
        ),
        "passport_check_digit": (
            "护照号码超过9个字符，末位也不是机读区的校验位，请照资料页右上角重填。",
            "The passport number is longer than nine characters, and the tenth is not the check digit of the"
            " machine-readable zone. Copy it from the data page.",
        ),
        "country": (
            "请选择签发护照的国家；中国公民和港澳台居民请选用自己的证件种类。",
            "Choose the country that issued the passport; citizens of China and residents of Hong Kong, Macao and Taiwan"
            " use their own kind of document.",
        ),
    }
)
"""Words for every reason: (Chinese, English)."""

_LENGTHS: dict[Kind, int] = {"resident": 18, "resident_15": 15}
_SEPARATORS = re.compile(r"[\s\-‐‑–—·.]")
_FORM = re.compile(r"[0-9]+X?")
_EARLIEST_BIRTH = 1900


class IdentityRefused(ValueError):
    """The number is not one that can have been issued; `code` says why, `REASONS` has the words."""

    def __init__(self, code: Reason) -> None:
        super().__init__(REASONS[code][1])
        self.code: Reason = code


@dataclass(frozen=True)
class Identity:
    """What a number says. `normalised` has 18 characters whatever was typed: compare and store that."""

    normalised: str
    birth_on: date
    sex: Sex
    division: str
    division_name: str


def check_identity(number: str, kind: Kind = "resident", *, today: date | None = None) -> Identity:
    """The identity that the number states; raises IdentityRefused with the first reason that applies.

    Full-width digits, spaces, hyphens and a small x are taken as meant. With `today`, birthdays after it are
    refused. The division may have been renamed or dissolved since, and may be younger than the person: before
    1999 numbers were given with the first card, years after birth. Only a code that never existed is refused.
    """
    digits = _SEPARATORS.sub("", unicodedata.normalize("NFKC", number)).upper()
    if digits and not _FORM.fullmatch(digits):
        raise IdentityRefused("characters")
    if len(digits) != _LENGTHS[kind]:
        raise IdentityRefused("length")
    if kind == "resident_15":
        if digits.endswith("X"):
            raise IdentityRefused("characters")
        digits = _with_check_digit(f"{digits[:6]}19{digits[6:]}")
    birth_on = _birthday(digits[6:14], today)
    name = division_name(digits[:6])
    if name is None:
        raise IdentityRefused("division")
    if digits[17] != calc_check_digit(digits):
        raise IdentityRefused("check_digit")
    sex: Sex = "male" if int(digits[16]) % 2 else "female"
    return Identity(digits, birth_on, sex, digits[:6], name)


def compose(division: str, birth_on: date, serial: int) -> str:
    """The number of 18 that this division gives to the `serial`-th (0–999) registered of that birthday.

    Odd serials are men. For generated people. Raises ValueError for a division or serial of another form.
    """
    if not re.fullmatch(r"[0-9]{6}", division) or not 0 <= serial <= 999:
        raise ValueError("a division has six digits and a serial three")
    return _with_check_digit(f"{division}{birth_on:%Y%m%d}{serial:03d}")


def mask(number: str) -> str:
    """The number as a screen shows it: `11010119********1X`. Month, day and most of the serial are hidden.

    Whatever is too short to be masked that way is hidden altogether, also what is no valid number.
    """
    shown = {18: 8, 15: 6}.get(len(number), 2 if len(number) >= 8 else 0)
    if not shown:
        return "*" * len(number)
    return number[:shown] + "*" * (len(number) - shown - 2) + number[-2:]


def _with_check_digit(first_seventeen: str) -> str:
    return first_seventeen + calc_check_digit(first_seventeen + "0")


def _birthday(digits: str, today: date | None) -> date:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise IdentityRefused("date") from None
    if born.year < _EARLIEST_BIRTH or (today is not None and born > today):
        raise IdentityRefused("date")
    return born
