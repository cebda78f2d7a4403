"""Reads ``messages.yaml``: which news goes out how, besides the candidate's inbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from keju.rulebook.errors import Problem
from keju.rulebook.model import CHANNELS, MessageKind
from keju.rulebook.reading.form import Form
from keju.rulebook.texting import SIGNATURE_ROOM, parts
from keju.rulebook.words import LANGUAGES, places
from keju.rulebook.yamls import Spot, read_yaml

FILE = "messages.yaml"


def read_messages(folder: Path, problems: list[Problem]) -> dict[str, MessageKind]:
    """The kinds of messages by code; none if the programme has no such file."""
    if not (folder / FILE).exists():
        return {}
    spot = read_yaml(folder / FILE, FILE, problems)
    if spot is None:
        return {}
    form = Form(spot, problems)
    found: dict[str, MessageKind] = {}
    for entry in form.forms("messages"):
        kind = _kind(entry)
        if kind.code in found:
            entry.complain(entry.spot, "“{code}”重复", "“{code}” is written twice", code=kind.code)
        found.setdefault(kind.code, kind)
    form.close()
    return found


def long_texts(folder: Path) -> Iterator[Problem]:
    """A warning for each text message that costs more than one part, room for a signature included."""
    spot = read_yaml(folder / FILE, FILE, []) if (folder / FILE).exists() else None
    listed = spot.value.get("messages") if spot and isinstance(spot.value, dict) else None
    for row in listed.value if listed and isinstance(listed.value, list) else []:
        text = row.value.get("sms") if isinstance(row.value, dict) else None
        yield from _long(text) if text is not None and isinstance(text.value, dict) else ()


def _long(text: Spot) -> Iterator[Problem]:
    for language in LANGUAGES:
        spot = text.value.get(language)
        if spot is None or not isinstance(spot.value, str):
            continue
        # The room is counted in Chinese only: an English signature stays in the network's own alphabet.
        room = ("【" if language == "zh" else "[") + "x" * (SIGNATURE_ROOM - 1)
        count = parts(room + spot.value)
        if count > 1:
            zh = "提醒：这条短信（含{room}字签名）要分{count}条发送，按条计费；中文一条最多70字"
            en = (
                "warning: with {room} letters of signature this text goes out in {count} parts, each is paid for; "
                "one part holds 70 Chinese letters or 160 Latin ones"
            )
            problem = spot.problem(zh, en, room=SIGNATURE_ROOM, count=count)
            yield Problem(problem.file, problem.line, problem.place, problem.words, mild=True)


def _kind(form: Form) -> MessageKind:
    channels = form.texts("channels", optional=True)
    for channel in channels:
        if channel not in CHANNELS:
            zh, en = (
                "渠道只能是{known}，不能是“{value}”",
                "a channel is one of {known}, not “{value}”",
            )
            form.complain(form.take("channels"), zh, en, known=CHANNELS, value=channel)
    kind = MessageKind(
        code=form.text("code"),
        title=form.words("title"),
        channels=tuple(c for c in CHANNELS if c in channels),
        essential=form.flag("essential"),
        sms=form.maybe_words("sms"),
    )
    if kind.sms and (places(kind.sms.zh) or places(kind.sms.en)):
        zh = "短信是固定文字，不能有{{占位符}}：里面不写个人信息"
        en = "a text message is fixed and has no {{places}}: nothing personal is written in it"
        form.complain(form.take("sms"), zh, en)
    if kind.sms and "sms" not in kind.channels:
        zh, en = "写了短信文字，但渠道中没有sms", "there is a text for sms, but sms is not among the channels"
        form.complain(form.take("sms"), zh, en)
    if "sms" in kind.channels and kind.sms is None:
        form.complain(form.spot, "渠道有sms，但没有写短信文字", "sms is among the channels, but has no text")
    form.close()
    return kind
