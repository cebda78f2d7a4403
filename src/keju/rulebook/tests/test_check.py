"""A programme that somebody else wrote: each fault is found, at its line, in words without jargon."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from keju.rulebook import Problem, speaking
from keju.rulebook.check import check_programme
from keju.rulebook.programmes import HOME

Act = Callable[[Path], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound programme of its own: a copy of the veterinarian one under another code."""
    target = tmp_path / "nurse"
    shutil.copytree(HOME / "veterinarian", target)
    swap("programme.yaml", "code: veterinarian", "code: nurse")(target)
    return target


def swap(file: str, old: str, new: str, *, every: bool = False) -> Act:
    """Writes ``new`` where the file says ``old`` (the first time, or every time)."""

    def act(folder: Path) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} no longer says {old!r}"
        path.write_text(text.replace(old, new, -1 if every else 1), encoding="utf-8")

    return act


def add(file: str, text: str) -> Act:
    """Adds text at the end of the file, or makes it."""

    def act(folder: Path) -> None:
        path = folder / file
        path.parent.mkdir(exist_ok=True)
        path.write_text((path.read_text(encoding="utf-8") if path.exists() else "") + text, encoding="utf-8")

    return act


def raw(file: str, data: bytes) -> Act:
    """Makes the file these bytes."""

    def act(folder: Path) -> None:
        (folder / file).write_bytes(data)

    return act


def both(first: Act, second: Act) -> Act:
    """One after the other."""

    def act(folder: Path) -> None:
        first(folder)
        second(folder)

    return act


@dataclass(frozen=True)
class Fault:
    """What is done to a sound programme, and what its author is told: where, and words that must occur."""

    name: str
    act: Act
    file: str
    said: str
    has_line: bool = True


P, R, FEES = "programme.yaml", "rules.yaml", "params/fees.yaml"
FAULTS = [
    Fault("no programme file", lambda f: (f / P).unlink(), P, "missing or cannot be read", has_line=False),
    Fault("no rules file", lambda f: (f / R).unlink(), R, "missing or cannot be read", has_line=False),
    Fault("wrong indent", swap(P, "regions: provinces", "  regions: provinces"), P, "not well-formed"),
    Fault("open bracket", swap(FEES, "{zh: 元/科", "{{zh: 元/科"), FEES, "brackets"),
    Fault("not UTF-8", raw("params/fees.yaml", "# 费".encode("gbk")), FEES, "UTF-8", has_line=False),
    Fault("a huge file", raw("rules.yaml", b"#" * 1_000_001), R, "larger than 1 MB", has_line=False),
    Fault("an alias bomb", raw("params/fees.yaml", b"a: &a [x]\nb: [*a, *a]\n"), FEES, "anchors"),
    Fault("bottomless", raw("params/fees.yaml", b"a: " + b"[" * 400 + b"]" * 400), FEES, "nested too deeply"),
    Fault("two documents", add(R, "---\nrules: []\n"), R, "one document"),
    Fault(
        "a key twice", swap(P, "first_year: 2011", "first_year: 2011\nfirst_year: 2012"), P, "written twice"
    ),
    Fault(
        "an unknown key",
        swap(P, "first_year: 2011", "first_year: 2011\ncolour: red"),
        P,
        "“colour” is not known",
    ),
    Fault("a misspelled key", swap(P, "subjects:", "subject:"), P, "“subjects” is missing"),
    Fault(
        "yes as a key",
        add("refusals/fees.yaml", "yes: {zh: 是, en: Yes}\n"),
        "refusals/fees.yaml",
        "cannot be a name",
    ),
    Fault(
        "no as a value", swap(P, "certificate_waits: true", "certificate_waits: no"), P, "write true or false"
    ),
    Fault("not a folder's name", swap(P, "code: nurse", "code: doctor"), P, "name of the folder (nurse)"),
    Fault(
        "English missing",
        swap(P, "{zh: 兽医全科类, en: General veterinary}", "{zh: 兽医全科类}"),
        P,
        "“en” is missing",
    ),
    Fault(
        "one language", swap(P, "{zh: 兽医全科类, en: General veterinary}", "兽医全科类"), P, "both languages"
    ),
    Fault("English is not", swap(P, "en: General veterinary", "en: 兽医"), P, "no English letters"),
    Fault("text for a number", swap(P, "questions: 100", "questions: many"), P, "must be a whole number"),
    Fault("no questions", swap(P, "questions: 100", "questions: 0"), P, "between 1 and 1000"),
    Fault("one option twice", swap(P, "options: ABCDE", "options: ABBDE"), P, "different letters"),
    Fault("an odd time", swap(P, '"09:00"', '"9 o\'clock"'), P, "written like 09:00"),
    Fault("ends before it starts", swap(P, '"11:30"', '"08:30"'), P, "later than the start"),
    Fault("an unknown session", swap(P, "session: 2", "session: 3"), P, "no session “3”"),
    Fault("a session twice", swap(P, "number: 2", "number: 1"), P, "occurs twice"),
    Fault(
        "an unknown category",
        swap(P, "[general, aquatic]", "[general, aquatics]"),
        P,
        "no category “aquatics”",
    ),
    Fault(
        "a category without subject", swap(P, ", aquatic]", "]", every=True), P, "“aquatic” has no subject"
    ),
    Fault(
        "two subjects at one place",
        swap(P, "session: 1, order: 2", "session: 1, order: 1"),
        P,
        "two subjects",
    ),
    Fault("a subject code twice", swap(P, "code: preventive", "code: basic"), P, "“basic” occurs twice"),
    Fault("a long category", swap(P, "code: aquatic", "code: aquatic_and_other_animals"), P, "at most 20"),
    Fault("a long subject", swap(P, "code: preventive", f"code: {'p' * 31}"), P, "at most 30"),
    Fault("too many options", swap(P, "options: ABCDE", "options: ABCDEFGHI"), P, "2 to 8 different"),
    Fault("an unknown segment", swap(P, "what: region", "what: country"), P, "can only be one of"),
    Fault(
        "serial too narrow",
        swap(P, "{what: serial, width: 4}", "{what: serial, width: 3}"),
        P,
        "cannot hold 9999",
    ),
    Fault(
        "a mad width",
        swap(P, "{what: region, width: 2}", "{what: region, width: 7}"),
        P,
        "must have 2 to 2 digits",
    ),
    Fault("no serial", swap(P, "    - {what: serial, width: 4}\n", ""), P, "must end with its “serial”"),
    Fault("a segment twice", swap(P, "what: point", "what: region"), P, "“region” occurs twice"),
    Fault("an unknown post level", swap(P, "at: point", "at: village"), P, "“village”"),
    Fault(
        "an unknown milestone",
        swap(P, "milestone: exam_ends", "milestone: exam_over"),
        P,
        "no milestone “exam_over”",
    ),
    Fault("an unknown unit", swap(P, "unit: working_days", "unit: weeks"), P, "“weeks”"),
    Fault("no figure", swap(P, "count: 9, ", ""), P, "“count” is missing"),
    Fault(
        "no such figure",
        swap(P, "fees.refund_working_days", "fees.refund_days"),
        P,
        "no whole-number parameter",
    ),
    Fault("no such day", swap(P, '"09-30"', '"09-31"'), P, "09-30"),
    Fault("odd discharge", swap(P, "discharge: manual", "discharge: when done"), P, "is manual, or an event"),
    Fault("a duty of no clause", swap(P, "rule: V8.3", "rule: V8.9"), P, "no clause V8.9"),
    Fault("a deadline nobody owes", swap(P, "rule: V8.3", "rule: V8.1"), P, "clause V8.3 sets a deadline"),
    Fault("a document of no clause", swap(P, "rules: [V7.3]", "rules: [V7.33]"), P, "no clause V7.33"),
    Fault(
        "adopts nothing known",
        swap(P, "code: nurse", "code: nurse\nadopts: surgeon"),
        P,
        "no programme called “surgeon”",
        has_line=False,
    ),
    Fault(
        "adopts itself",
        swap(P, "code: nurse", "code: nurse\nadopts: nurse"),
        P,
        "cannot adopt itself",
        has_line=False,
    ),
    Fault(
        "drops what is not there", swap(P, "code: nurse", "code: nurse\nwithout: [V8.3]"), P, "no clause V8.3"
    ),
    Fault("no clause id", swap(R, "- id: V8.3", "- id: 8.3"), R, "no clause id"),
    Fault("a clause twice", swap(R, "- id: V8.3", "- id: V8.1"), R, "written twice"),
    Fault("an unknown stage", swap(R, "stage: fees", "stage: money"), R, "“money”"),
    Fault("an unknown kind", swap(R, "kind: enforce", "kind: forbid"), R, "“forbid”"),
    Fault("a parameter of no clause", swap(FEES, "clause: V8.3", "clause: V8.33"), FEES, "clause V8.33"),
    Fault("no such date", swap(FEES, "2011-01-01", "2011-02-29"), FEES, "no day"),
    Fault(
        "a date without value", swap(FEES, "2011-01-01: 22", "2011-01-01: "), FEES, "no value for this day"
    ),
    Fault("a value without date", swap(FEES, "{2011-01-01: 22}", "22"), FEES, "day: value"),
    Fault(
        "a misspelled parameter",
        swap(FEES, "refund_working_days", "refund_workdays"),
        FEES,
        "slip of the pen",
    ),
    Fault(
        "a parameter lacking",
        swap(FEES, "refund_working_days", "refund_workdays"),
        FEES,
        "needs “refund_working_days”",
        has_line=False,
    ),
    Fault(
        "text for a parameter",
        swap(FEES, "2011-01-01: 22", "2011-01-01: soon"),
        FEES,
        "of another kind (a number)",
    ),
    Fault("no unit", swap(FEES, "  unit: {zh: 个月, en: months}\n", ""), FEES, "“unit” is missing"),
    Fault(
        "a file nobody reads",
        add("params/fee.yaml", ""),
        "params/fee.yaml",
        "nothing reads this file",
        has_line=False,
    ),
    Fault(
        "a broken placeholder",
        add("refusals/archive.yaml", "x: {zh: '缺{多少}', en: 'short {of'}\n"),
        "refusals/archive.yaml",
        "placeholder is written {name}",
    ),
    Fault(
        "placeholders differ",
        add("refusals/archive.yaml", "x: {zh: '缺{a}', en: 'short {b}'}\n"),
        "refusals/archive.yaml",
        "different placeholders: a, b",
    ),
    Fault(
        "a list for text", add("refusals/archive.yaml", "x: [1]\n"), "refusals/archive.yaml", "both languages"
    ),
    Fault(
        "a code in two files",
        both(
            add("refusals/archive.yaml", "x: {zh: 甲, en: A}\n"),
            add("refusals/results.yaml", "x: {zh: 甲, en: A}\n"),
        ),
        "refusals/results.yaml",
        "already in refusals/archive.yaml",
    ),
]


def test_the_untouched_copy_is_sound(folder: Path) -> None:
    assert [str(problem) for problem in check_programme(folder)] == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault(folder: Path, fault: Fault) -> None:
    fault.act(folder)
    problems = check_programme(folder)
    hits = [problem for problem in problems if fault.said in problem.words.en and problem.file == fault.file]
    assert hits, "\n".join(map(str, problems)) or "nothing was found"
    assert any(bool(problem.line) == fault.has_line for problem in hits)
    for problem in problems:
        assert re.search(r"[一-鿿]", problem.words.zh), problem
        assert not re.search(r"Traceback|<class|Error\b|NoneType|dict|Spot", problem.words.en), problem


def test_the_line_is_the_line(folder: Path) -> None:
    swap(P, "questions: 100", "questions: many")(folder)
    lines = (folder / P).read_text(encoding="utf-8").splitlines()
    (problem,) = check_programme(folder)
    assert "many" in lines[problem.line - 1]
    with speaking("zh"):
        assert str(problem) == f"programme.yaml:{problem.line}: subjects[1].questions: “questions”应为整数"


def test_all_faults_at_once_are_all_said(folder: Path) -> None:
    for act in (
        swap(P, "questions: 100", "questions: many"),
        swap(R, "kind: enforce", "kind: forbid"),
        swap(FEES, "2011-01-01: 22", "2011-01-01: soon"),
    ):
        act(folder)
    assert {problem.file for problem in check_programme(folder)} == {P, R, FEES}


def spoil(text: str, rng: random.Random) -> str:
    """The text with one slip of the pen: a line lost, cut off, shuffled, or a letter replaced."""
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    line = lines[at]
    kind = rng.randrange(4)
    if kind == 0:
        return "\n".join(lines[:at])
    if kind == 1:
        words = line.split(" ")
        rng.shuffle(words)
        lines[at] = " ".join(words)
    elif kind == 2 and line:
        letter = rng.randrange(len(line))
        lines[at] = line[:letter] + rng.choice("{}[]:,\"'0xé-#&*!|>%@`") + line[letter + 1 :]
    else:
        lines[at] = ""
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(20))
def test_any_slip_of_the_pen_is_answered_with_problems_never_with_a_crash(folder: Path, seed: int) -> None:
    rng = random.Random(seed)
    path = folder / rng.choice([P, R, FEES])
    path.write_text(spoil(path.read_text(encoding="utf-8"), rng), encoding="utf-8")
    assert all(problem.words.zh and problem.words.en for problem in check_programme(folder))


def test_no_folder(tmp_path: Path) -> None:
    (problem,) = check_programme(tmp_path / "nowhere")
    assert "no such folder" in problem.words.en


def test_a_small_programme_that_adopts_is_sound(tmp_path: Path) -> None:
    small = tmp_path / "nurse"
    add(
        "programme.yaml", "code: nurse\nname: {zh: 护士, en: Nurse}\nadopts: veterinarian\nfirst_year: 2013\n"
    )(_made(small))
    add("rules.yaml", "rules: []\n")(small)
    add("params/fees.yaml", "national_per_subject: {clause: V8.1, unit: CNY, values: {2013-01-01: 30}}\n")(
        small
    )
    assert [str(problem) for problem in check_programme(small)] == []


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_problems_sort_by_file_and_line(folder: Path) -> None:
    swap(P, "questions: 100", "questions: many", every=True)(folder)
    problems = check_programme(folder)
    assert len(problems) == 4
    assert problems == sorted(problems, key=lambda p: (p.file, p.line))
    assert all(isinstance(problem, Problem) for problem in problems)
