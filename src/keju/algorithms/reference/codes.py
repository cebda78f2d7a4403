"""The reference that a candidate writes into a transfer's remark: short, readable, with a check character.

"KJ" (a fee) or "KR" (a refund), six characters of the number in base 32, one check character: KJ0003F9T. The alphabet leaves
out I, L, O, U. The check is a Reed–Solomon symbol over GF(32): every single wrong character and every swap of two is found.
"""

import re
import unicodedata
from collections.abc import Iterator

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
FEE, REFUND = "KJ", "KR"
LENGTH = 6
TAKEN_FOR = str.maketrans("OIL", "011")
BETWEEN = re.compile(r"[\s\-–—_.,，、。·:：/]+")
FOUND = re.compile(rf"(?=(KJ|KR)([{ALPHABET}]{{{LENGTH + 1}}}))")
FIELD = 0b100101  # x^5 + x^2 + 1: its root generates GF(32)


def reference(number: int, kind: str = FEE) -> str:
    """1 → "KJ000001…"; ValueError outside 0 … 32^6 − 1."""
    if not 0 <= number < 32**LENGTH:
        raise ValueError("no such number")
    body = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH)))
    return kind + body + _check(body)


def references(text: str) -> list[tuple[str, int]]:
    """Every (kind, number) whose reference stands in the text, each once, in order.

    Whatever stands around or between the characters: lower case, full width, blanks, hyphens, O for 0, I and L for 1.
    """
    plain = BETWEEN.sub("", unicodedata.normalize("NFKC", text).upper()).translate(TAKEN_FOR)
    return list(dict.fromkeys(_valid(plain)))


def readable(code: str) -> str:
    """In groups, as printed: "KJ 000 1F9 T"."""
    return f"{code[:2]} {code[2:5]} {code[5:8]} {code[8:]}"


def _valid(plain: str) -> Iterator[tuple[str, int]]:
    for kind, code in FOUND.findall(plain):
        body = code[:LENGTH]
        if _check(body) == code[LENGTH]:
            number = 0
            for character in body:
                number = number << 5 | ALPHABET.index(character)
            yield kind, number


def _check(body: str) -> str:
    value = 0
    for character in body:
        value = _times_x(value ^ ALPHABET.index(character))
    return ALPHABET[value ^ 21]  # not 0 for the number 0: a row of zeros is no reference


def _times_x(value: int) -> int:
    value <<= 1
    return value ^ FIELD if value & 32 else value
