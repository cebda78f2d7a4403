"""Identity documents of every kind that a programme may admit, checked as far as their published form goes.

* resident card and residence permit of Hong Kong, Macao and Taiwan people: GB 11643, see `numbers`;
* mainland travel permit of Hong Kong and Macao residents, by the notice of the exit and entry administration of March
  2010: H or M and eight digits for life, then (on cards until 2013) two for the reissue. No check digit;
* mainland travel permit of Taiwan residents, by that of September 2008: eight digits for life, then (until then) two
  for the reissue and the issuing office in brackets. No check digit;
* passport: ICAO Doc 9303 part 4, up to nine letters and digits, filler "<"; the check digit of part 3 (weights 7, 3, 1)
  only if it was copied along from the machine-readable zone.

What changes with each reissue is dropped, so that the same person always has the same number.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import cycle
from types import MappingProxyType
from typing import Literal, get_args

from keju.algorithms.identity.countries import COUNTRIES
from keju.algorithms.identity.numbers import IdentityRefused, Sex, check_identity

DocumentKind = Literal["resident", "residence_permit", "hk_macao_permit", "taiwan_permit", "passport"]
DOCUMENT_KINDS: tuple[DocumentKind, ...] = get_args(DocumentKind)

NAMES: Mapping[DocumentKind, tuple[str, str]] = MappingProxyType(
    {
        "resident": ("居民身份证", "Resident identity card"),
        "residence_permit": (
            "港澳台居民居住证",
            "Residence permit for Hong Kong, Macao and Taiwan residents",
        ),
        "hk_macao_permit": (
            "港澳居民来往内地通行证",
            "Mainland travel permit for Hong Kong and Macao residents",
        ),
        "taiwan_permit": ("台湾居民来往大陆通行证", "Mainland travel permit for Taiwan residents"),
        "passport": ("外国护照", "Foreign passport"),
    }
)
"""What each kind is called: (Chinese, English)."""

FORMS: Mapping[DocumentKind, tuple[str, str]] = MappingProxyType(
    {
        "resident": (
            "18位号码，末位X可小写；15位的老号码也可以。",
            "Eighteen characters; the old kind of fifteen will do.",
        ),
        "residence_permit": (
            "18位号码，以81、82或83开头。",
            "Eighteen characters, beginning with 81, 82 or 83.",
        ),
        "hk_macao_permit": (
            "字母H或M加8位数字，例如H12345678。",
            "H or M and eight digits, for example H12345678.",
        ),
        "taiwan_permit": ("8位数字，例如12345678。", "Eight digits, for example 12345678."),
        "passport": ("护照资料页右上角的号码。", "The number at the top right of the data page."),
    }
)
"""How the number of each kind looks: (Chinese, English)."""

HOME = "CHN"
_NUMBERED = frozenset({"resident", "residence_permit"})
_OF_PERMITS = {"81": "HKG", "82": "MAC", "83": "TWN"}
_NOT_BY_PASSPORT = frozenset({HOME, "HKG", "MAC", "TWN"})
_HK_MACAO = re.compile(r"([HM][0-9]{8})([0-9]{2})?")
_TAIWAN = re.compile(r"([0-9]{8})([0-9]{2}(\(?[A-Z0-9]\)?)?)?")
_PASSPORT = re.compile(r"[A-Z0-9]{1,9}")
_BLANKS = re.compile(r"[\s\-‐‑–—·.]")


@dataclass(frozen=True)
class Document:
    """An identity document: `kind`, `number` and `country` (ISO 3166 alpha-3) are the same for the same person.

    `birth_on` and `sex` are what the number itself states; None where the person has to say.
    """

    kind: DocumentKind
    number: str
    country: str = HOME
    birth_on: date | None = None
    sex: Sex | None = None

    @property
    def is_numbered(self) -> bool:
        """Whether its number is of GB 11643, unique by itself and telling birthday and sex."""
        return self.kind in _NUMBERED


def check_document(kind: str, number: str, country: str = "", *, today: date | None = None) -> Document:
    """The document that was meant; raises IdentityRefused with the first reason that applies.

    Spaces, hyphens, full-width and small letters are taken as meant; fifteen digits become eighteen. Between resident
    card and residence permit the number decides. `country` counts for passports only. ValueError for an unknown kind.
    """
    typed = _BLANKS.sub("", unicodedata.normalize("NFKC", number)).upper()
    if kind in _NUMBERED:
        return _numbered(kind, typed, today)
    if kind == "hk_macao_permit":
        found = _HK_MACAO.fullmatch(typed)
        if found is None:
            raise IdentityRefused("hk_macao_form")
        return Document("hk_macao_permit", found[1], "HKG" if typed[0] == "H" else "MAC")
    if kind == "taiwan_permit":
        found = _TAIWAN.fullmatch(typed)
        if found is None:
            raise IdentityRefused("taiwan_form")
        return Document("taiwan_permit", found[1], "TWN")
    if kind == "passport":
        return _passport(typed, country.strip().upper())
    raise ValueError(f"no such kind of document: {kind}")


def mrz_check_digit(text: str) -> str:
    """The check digit of a field of a machine-readable zone: ICAO Doc 9303 part 3, section 4.9."""
    values = (0 if c == "<" else int(c, 36) for c in text)
    return str(sum(value * weight for value, weight in zip(values, cycle((7, 3, 1)), strict=False)) % 10)


def _numbered(kind: str, typed: str, today: date | None) -> Document:
    identity = check_identity(typed, "resident_15" if len(typed) == 15 else "resident", today=today)
    country = _OF_PERMITS.get(identity.division[:2], HOME)
    if kind == "residence_permit" and country == HOME:
        raise IdentityRefused("not_permit")
    stated: DocumentKind = "resident" if country == HOME else "residence_permit"
    return Document(stated, identity.normalised, country, identity.birth_on, identity.sex)


def _passport(typed: str, country: str) -> Document:
    if country not in COUNTRIES or country in _NOT_BY_PASSPORT:
        raise IdentityRefused("country")
    if len(typed) == 10 and re.fullmatch(r"[A-Z0-9<]{9}[0-9]", typed):
        if mrz_check_digit(typed[:9]) != typed[9]:
            raise IdentityRefused("passport_check_digit")
        typed = typed[:9]
    typed = typed.rstrip("<")
    if not _PASSPORT.fullmatch(typed):
        raise IdentityRefused("passport_form")
    return Document("passport", typed, country)
