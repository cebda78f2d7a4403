"""检查界面文字是否中英齐全 · Checks that every string that a person reads stands in both languages.

Python: `t("中文", "English")` has both, nothing Chinese in the English, the same {facts} in both; in the rooms
that speak to people no Chinese string stands without its English. Templates: no word outside a tag.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

import keju

app = typer.Typer(pretty_exceptions_enable=False)

HAN = re.compile(r"[\u3400-\u9fff]")
_FACT = re.compile(r"(?<!\{)\{([A-Za-z_]\w*)")
_SPEAKING = {"pages", "forms", "api"}
_OWN_NAMES = {"中文", "English"}  # a language is offered in its own name
_TAG_T = re.compile(r"""\{%-?\s*t\s+("(?:[^"\\]|\\.)*"|'[^']*')\s*("(?:[^"\\]|\\.)*"|'[^']*')?""")
_HIDDEN = re.compile(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}|<!--.*?-->", re.S)
_CODE = re.compile(r"<(script|style|code|kbd|svg)\b.*?</\1>", re.S)
_TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.S)
_SPOKEN_ATTRIBUTE = re.compile(r"""\b(?:title|alt|placeholder|aria-label)=(?:"([^"]*)"|'([^']*)')""")
# Digits, marks and abbreviations are the same in both languages.
_WORD = re.compile(r"[\u3400-\u9fff]|[A-Za-z]*[a-z]{2}[A-Za-z]*")
_TOKEN = re.compile(r"[a-z][a-z0-9_-]*")  # a class or a key, given to the base template
_ENTITY = re.compile(r"&#?\w+;")

Finding = tuple[int, str]


@app.command()
def words(check: Annotated[bool, typer.Option("--check")] = True) -> None:
    """检查界面文字是否中英齐全 · Checks that every string that a person reads stands in both languages."""
    root = Path(keju.__file__).parent
    count = 0
    for path in sorted([*root.rglob("*.py"), *root.rglob("templates/**/*.html")]):
        if {"tests", "migrations"} & set(path.parts):
            continue
        text = path.read_text("utf-8")
        room = path.stem if path.stem != "__init__" else path.parent.name
        speaks = bool({room, path.parent.name} & _SPEAKING)
        found = in_python(text, speaks=speaks) if path.suffix == ".py" else in_template(text)
        for line, what in found:
            print(f"{path.relative_to(root.parent.parent)}:{line}: {what}")
            count += 1
    raise typer.Exit(1 if count else 0)


def in_python(source: str, *, speaks: bool) -> Iterator[Finding]:
    """What is wrong with the words of a module; `speaks` if it is a room that addresses people."""
    if not HAN.search(source):
        return
    tree = ast.parse(source)
    said: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in ("t", "Words"):
            said.update(id(part) for part in ast.walk(node))
            yield from _in_call(node)
    if speaks:
        said |= {id(part) for part in _not_alone(tree)}
        for node in ast.walk(tree):
            if id(node) not in said and isinstance(node, ast.Constant) and HAN.search(str(node.value)):
                yield node.lineno, f"Chinese alone: {node.value!r}; write t(…, …)"


def in_template(source: str) -> Iterator[Finding]:
    """What is wrong with the words of a template."""
    source = _HIDDEN.sub(_blank, source)
    for match in _TAG_T.finditer(source):
        line = source.count("\n", 0, match.start()) + 1
        if match[2] is None:
            yield line, f"no English: {match[0]}"
        else:
            yield from ((line, what) for what in wrong_pair(match[1][1:-1], match[2][1:-1]))
    bare = _TAGS.sub(_blank, _CODE.sub(_blank, source))
    for match in _SPOKEN_ATTRIBUTE.finditer(bare):
        yield from _bare_words(bare, match[1] or match[2] or "", match.start())
    # a tag that holds `>` only inside quotes is still one tag
    for match in re.finditer(r"""(?:<(?:[^>"']|"[^"]*"|'[^']*')*>)|([^<]+)""", bare):
        if match[1]:
            yield from _bare_words(bare, _ENTITY.sub(" ", match[1]), match.start())


def wrong_pair(chinese: str, english: str) -> Iterator[str]:
    """What is wrong with one message."""
    if english in _OWN_NAMES or chinese in _OWN_NAMES:
        return
    if bool(chinese.strip()) != bool(english.strip()):
        yield f"one language is empty: {chinese!r} {english!r}"
    elif HAN.search(english):
        yield f"Chinese in the English: {english!r}"
    elif sorted(set(_FACT.findall(chinese))) != sorted(set(_FACT.findall(english))):
        yield f"other facts in braces: {chinese!r} {english!r}"


def _in_call(node: ast.Call) -> Iterator[Finding]:
    literal = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    if len(node.args) == 1 and literal and not node.keywords:
        yield node.lineno, f"no English: {literal[0]!r}"
    if len(literal) == 2 == len(node.args):
        yield from ((node.lineno, what) for what in wrong_pair(*literal))


def _bare_words(text: str, part: str, start: int) -> Iterator[Finding]:
    word = _WORD.search(part)
    if word and not _TOKEN.fullmatch(part.strip()):
        line = text.count("\n", 0, start) + part[: word.start()].count("\n") + 1
        yield line, f"outside {{% t %}}: {' '.join(part.split())[:60]!r}"


def _not_alone(tree: ast.Module) -> Iterator[ast.AST]:
    """Docstrings; strings that have their English inside them or beside them in a tuple or call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            yield node.value
        elif isinstance(node, ast.Tuple | ast.Call):
            beside = node.elts if isinstance(node, ast.Tuple) else node.args
            yield from beside if any(_is_english(part) for part in beside) else ()
        elif isinstance(node, ast.Constant) and len(_WORD.findall(HAN.sub(" ", str(node.value)))) > 1:
            yield node


def _is_english(node: ast.expr) -> bool:
    said = node.value if isinstance(node, ast.Constant) else None
    return isinstance(said, str) and not HAN.search(said) and bool(_WORD.search(said))


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])
