"""How a text message is cut into parts: what a network carries at once, and what each part costs.

3GPP TS 23.038: 160 letters of its own alphabet, 70 of UCS-2; in a message of several parts 153 and 67, because a header
says which part it is. One letter outside that alphabet, a Chinese one, makes the whole message UCS-2.
"""

from __future__ import annotations

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = frozenset("^{}\\[~]|€\f")
_ONE, _MANY = {True: 160, False: 70}, {True: 153, False: 67}

#: letters kept free for the sender's signature, which is registered with the carrier: 【…】
SIGNATURE_ROOM = 12


def letters(text: str) -> tuple[int, bool]:
    """How many letters a network counts, and whether its own alphabet is enough."""
    if all(letter in _GSM or letter in _GSM_TWICE for letter in text):
        return sum(2 if letter in _GSM_TWICE else 1 for letter in text), True
    return len(text.encode("utf-16-le")) // 2, False  # rare characters outside the BMP count twice


def parts(text: str) -> int:
    """In how many parts the text travels; 0 for an empty one.

    A letter that counts twice is never cut in two, so a part may end one letter early.
    """
    total, plain = letters(text)
    if total <= _ONE[plain]:
        return 1 if total else 0
    room, count, used = _MANY[plain], 1, 0
    for letter in text:
        width = letters(letter)[0] if plain else len(letter.encode("utf-16-le")) // 2
        if used + width > room:
            count, used = count + 1, 0
        used += width
    return count
