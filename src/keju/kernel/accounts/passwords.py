"""What a password must be, by NIST SP 800-63B: long enough, and not what is tried first. Nothing else (ADR 10).

Every code point counts as one character after NFKC, whatever the script; spaces are characters. Nothing is cut off,
no mixture of characters is asked for, and no password grows old.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

from django.contrib.auth.password_validation import CommonPasswordValidator

from keju.rulebook.words import Words, t

LONGEST = 128
_OURS = (
    *("keju", "exam", "examination", "veterinarian", "physician", "candidate", "ticket", "registration", "password"),
    *("科举", "考试", "全国", "执业", "兽医", "医师", "资格", "报名", "考生", "准考证", "密码"),
)  # fmt: skip
_KEYBOARD = (
    "`1234567890-=",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
)
_EVERY_WAY = frozenset({"down", "same", "up", "right", "left"})
_PIECE = 4  # so many characters in a row of a number are a piece of it
_RUN = 4  # stretches this long on average are a pattern

TOO_LONG = t("最多{most}个字符。", "At most {most} characters.")
COMMON = t(
    "这是许多人用的密码，最先被人试出。请换一句只有自己会说的话。",
    "Many people use this one, so it is tried first. Take a sentence that only you would say.",
)
PATTERN = t(
    "重复的字符、连续的数字或键盘上相邻的键太容易猜。请换一句自己记得住的话。",
    "Repeats, counting up and neighbouring keys are guessed at once. Take a sentence that you remember.",
)
PERSONAL = t(
    "密码几乎只由证件号码、姓名、电话或本系统的字词组成，认识您的人能猜到。请再加上别的字词。",
    "It is made of little but your number, name, telephone or the words of this site. Add words of another kind.",
)


def normalised(password: str) -> str:
    """The password as it is hashed: the same however the keyboard composed its characters."""
    return unicodedata.normalize("NFKC", password)


def weaknesses(password: str, *, minimum: int, about: Sequence[str] = ()) -> Iterator[Words]:
    """Why this password is not taken, in words that help; nothing if it is. `about`: what is known of its owner."""
    password = normalised(password)
    if len(password) < minimum:
        yield t(
            "还差{missing}个字符：至少{minimum}个。写一句自己记得住的话最好，汉字、空格都可以。",
            "{missing} more characters: it takes {minimum}. Best is a sentence that you remember; spaces are fine.",
        ).format(missing=minimum - len(password), minimum=minimum)
    elif len(password) > LONGEST:
        yield TOO_LONG.format(most=LONGEST)
    elif _is_pattern(password):
        yield PATTERN
    elif _is_common(password):
        yield COMMON
    elif _unforeseen(password, about) < max(_PIECE, minimum // 2):
        yield PERSONAL


def _is_common(password: str) -> bool:
    """On the list of common ones: whole, or once its repeats and a few digits at the ends are taken off."""
    lower = password.lower().strip()
    core = lower.strip("0123456789.!?@#*_- ")
    whole = {lower, _unit(lower)}
    if len(core) >= _PIECE and len(lower) - len(core) <= 8:
        whole |= {core, _unit(core)}
    return not whole.isdisjoint(_common())


@cache
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)


def _unit(text: str) -> str:
    """The piece of which `text` is a whole number of repeats: "abab" → "ab"; itself if there is none."""
    return text[: (text + text).find(text, 1)]


def _is_pattern(password: str) -> bool:
    lower = password.lower()
    return len(set(lower)) <= 3 or len(_unit(lower)) <= len(lower) // 3 or _runs(lower) <= len(lower) // _RUN


def _runs(text: str) -> int:
    """In how many stretches `text` falls that repeat, count up or down, or follow the keyboard."""
    stretches, ways = 1, _EVERY_WAY
    for before, here in pairwise(text):
        ways &= _ways(before, here)
        if not ways:
            stretches, ways = stretches + 1, _EVERY_WAY
    return stretches


def _ways(before: str, here: str) -> frozenset[str]:
    """How one gets from one character to the next."""
    distance = ord(here) - ord(before)
    found = {("down", "same", "up")[distance + 1]} if -1 <= distance <= 1 else set()
    if any(before + here in row for row in _KEYBOARD):
        found.add("right")
    if any(here + before in row for row in _KEYBOARD):
        found.add("left")
    return frozenset(found)


def _unforeseen(password: str, about: Sequence[str]) -> int:
    """How many characters are no piece of what is known of the owner and no word of ours."""
    lower = password.lower()
    known = [piece for text in about for piece in (normalised(text).lower(), _digits(text)) if len(piece) > 1]
    left, i = 0, 0
    while i < len(lower):
        taken = max((_taken(lower, i, text) for text in known), default=0)
        taken = max([taken, *(len(word) for word in _OURS if lower.startswith(word, i))])
        left += not taken
        i += taken or 1
    return left


def _taken(text: str, at: int, known: str) -> int:
    """The length of the longest piece of `known` that stands in `text` here; short names count whole."""
    for end in range(min(len(text), at + len(known)), at, -1):
        if end - at < min(_PIECE, len(known)):
            return 0
        if text[at:end] in known:
            return end - at
    return 0


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isascii() and c.isdigit())
