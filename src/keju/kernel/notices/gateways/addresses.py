"""Addresses as people type them, made fit for a gateway, or refused before anything leaves the house."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from keju.kernel.notices.gateways.letters import Refused

_CHINA = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
_ABROAD = re.compile(r"\+[1-9]\d{6,14}")
_BETWEEN = re.compile(r"[\s\-().‐-―]")


def number(typed: str) -> str:
    """+8613800138000 of what was typed; a foreign number must begin with +. `Refused` if nobody can be called by it."""
    plain = _BETWEEN.sub("", typed)
    if not typed:
        raise Refused("no_address")
    if not plain.isascii():
        raise Refused("bad_address")
    if found := _CHINA.fullmatch(plain):
        return f"+86{found[1]}"
    if _ABROAD.fullmatch(plain) and not plain.startswith("+86"):
        return plain
    raise Refused("bad_address")


def mailbox(typed: str) -> str:
    """The address; `Refused` if it is none, or could smuggle in a second line or a second recipient."""
    plain = typed.strip()
    if not plain:
        raise Refused("no_address")
    try:
        validate_email(plain)
    except ValidationError as error:
        raise Refused("bad_address") from error
    if not plain.isascii() or len(plain) > 254 or any(c in plain for c in '\r\n\0,;<>"'):
        raise Refused("bad_address")
    return plain


FIT = {"sms": number, "email": mailbox}
