"""Reads the YAML of a programme: every value keeps its line, and whatever is unsafe or ambiguous is named.

Stricter than YAML on purpose: no anchors, no duplicate keys, no yes/no/on/off, bounded size and depth;
only true, false, whole numbers, decimals and empty are not text. Days and times stay text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from keju.rulebook.errors import Problem
from keju.rulebook.words import t

MAX_BYTES = 1_000_000
MAX_DEPTH = 12
KEPT = 128  # files, as many as two programmes have

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?[0-9]+\.[0-9]+")
#: what YAML 1.1 silently turns into true and false
_FALSE_FRIENDS = frozenset(["y", "n", "yes", "no", "on", "off"])


@dataclass(frozen=True)
class Spot:
    """A value of a file and where it stands. ``value``: scalar, ``dict[str, Spot]`` or ``list[Spot]``."""

    value: Any
    file: str
    line: int
    place: str = ""

    def problem(self, zh: str, en: str, **facts: object) -> Problem:
        """A problem at this very place."""
        return Problem(self.file, self.line, self.place, t(zh, en).format(**facts))


def read_yaml(path: Path, shown: str, problems: list[Problem]) -> Spot | None:
    """The tree of the file, called ``shown`` in problems. None, with a problem added, if it cannot be had."""
    try:
        raw = path.read_bytes()
    except OSError:
        problems.append(
            Problem(shown, 0, "", t("文件不存在或无法读取", "the file is missing or cannot be read"))
        )
        return None
    if len(raw) > MAX_BYTES:
        problems.append(Problem(shown, 0, "", t("文件超过1 MB", "the file is larger than 1 MB")))
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        words = t("文件不是UTF-8编码，请另存为UTF-8", "the file is not UTF-8 text; save it as UTF-8")
        problems.append(Problem(shown, 0, "", words))
        return None
    spot, found = _once(text, shown)
    problems.extend(found)
    return spot


@lru_cache(maxsize=KEPT)
def _once(text: str, shown: str) -> tuple[Spot | None, tuple[Problem, ...]]:
    """A check reads each file several times, and those of an adopted programme with every other; nobody changes a spot."""
    problems: list[Problem] = []
    return _parse(text, shown, problems), tuple(problems)


def _parse(text: str, shown: str, problems: list[Problem]) -> Spot | None:
    try:
        if not _is_tame(text, shown, problems):
            return None
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        words = t(
            "此处不是正确的YAML：请检查缩进、冒号、引号和括号（{detail}）",
            "this is not well-formed YAML; look at indents, colons, quotes and brackets ({detail})",
        ).format(detail=getattr(error, "problem", None) or "?")
        problems.append(Problem(shown, line, "", words))
        return None
    if node is None:
        return Spot({}, shown, 1)
    return _spot(node, shown, "", problems)


def _is_tame(text: str, shown: str, problems: list[Problem]) -> bool:
    """No anchors, one document, bounded depth: known before anything is built."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            words = t("不允许使用锚点和引用（& 和 *）", "anchors and references (& and *) are not allowed")
            problems.append(Problem(shown, line, "", words))
            return False
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                words = t(
                    "一个文件只能有一份内容（多了一行 ---）",
                    "one file holds one document; there is a second ---",
                )
                problems.append(Problem(shown, line, "", words))
                return False
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                problems.append(Problem(shown, line, "", t("嵌套层次太深", "nested too deeply")))
                return False
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            depth -= 1
    return True


def _spot(node: Any, file: str, place: str, problems: list[Problem]) -> Spot:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        items = [_spot(child, file, f"{place}[{n}]", problems) for n, child in enumerate(node.value, 1)]
        return Spot(items, file, line, place)
    if isinstance(node, yaml.MappingNode):
        return Spot(_mapping(node, file, place, problems), file, line, place)
    here = Spot(None, file, line, place)
    return Spot(_scalar(node, here, problems), file, line, place)


def _mapping(node: Any, file: str, place: str, problems: list[Problem]) -> dict[str, Spot]:
    found: dict[str, Spot] = {}
    for key_node, value_node in node.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
        inner = f"{place}.{key}" if place else str(key)
        here = Spot(None, file, key_node.start_mark.line + 1, inner)
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(here.problem("名称必须是简单文字", "a name must be plain text"))
            continue
        if not key_node.style and key.lower() in _FALSE_FRIENDS | {"true", "false", "null", "~", ""}:
            problems.append(
                here.problem(
                    "“{key}”在YAML中表示是/否或空，不能作名称；请换一个名称",
                    "“{key}” means yes, no or nothing in YAML and cannot be a name; choose another",
                    key=key,
                )
            )
            continue
        if key in found:
            problems.append(
                here.problem(
                    "“{key}”写了两次（第一次在第{line}行）",
                    "“{key}” is written twice (first in line {line})",
                    key=key,
                    line=found[key].line,
                )
            )
            continue
        found[key] = _spot(value_node, file, inner, problems)
    return found


def _scalar(node: Any, here: Spot, problems: list[Problem]) -> str | int | float | bool | None:
    text: str = node.value
    if node.style:  # quoted or block text
        return text
    if text in ("true", "false"):
        return text == "true"
    if text in ("", "~", "null"):
        return None
    if text.lower() in _FALSE_FRIENDS:
        problems.append(
            here.problem(
                "请写true或false，或加引号", "write true or false, or put it in quotes: {text}", text=text
            )
        )
        return text
    if _INT.fullmatch(text) and (text.lstrip("+-") == "0" or not text.lstrip("+-").startswith("0")):
        return int(text) if len(text) < 19 else text
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
