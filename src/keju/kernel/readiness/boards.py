"""The board of an office: its rules by stage, each with where it stands and what is missing; and the offices below."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from keju.kernel.audit import NotPermitted
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import names, office
from keju.kernel.readiness.asking import Found, code_of, found
from keju.kernel.readiness.gates import overrides
from keju.kernel.readiness.mending import mending
from keju.kernel.readiness.registry import AMBER, RED, State, titles, watched
from keju.kernel.readiness.showing import ORDER, STRICT, Below, Board, Filters, Line, Place, worst
from keju.rulebook.model import STAGES, Clause
from keju.rulebook.refusals import Strength
from keju.rulebook.stages import STAGE_NAMES
from keju.rulebook.words import Words, t

FEW, MANY = 3, 200
"""Places shown of a rule among others, and of a rule that was asked for."""
NATION = t("全国", "Nation")
ROOM = t("第{n}考场", "Room {n}")


@dataclass
class _Gathered:
    rows: list[Found] = field(default_factory=list)
    counts: Counter[State] = field(default_factory=Counter)


def own_path(viewer: Actor, code: str) -> str:
    """The path of an office in the viewer's subtree; hidden otherwise."""
    path = office(code).path
    if not path.startswith(viewer.office_path or "-"):
        raise NotPermitted(hidden=True)
    return path


def rows(
    *, viewer: Actor, exam: Exam, code: str, at: datetime, filters: Filters, room: int | None = None
) -> list[Found]:
    """The rows of an office and everything below it as they are now, under the filters."""
    clauses = exams.programme(exam).rules
    asked = [filters.rule] if filters.rule else ()
    every = found(exam, own_path(viewer, code), at, rules=asked)
    return [f for f in every if filters.takes(f, clauses[f.rule]) and (room is None or f.row.room == room)]


def board(
    *, viewer: Actor, exam: Exam, code: str, at: datetime, filters: Filters, room: int | None = None
) -> Board:
    """The board of the office, or of one room of a site, from the rows of now."""
    path = own_path(viewer, code)
    every = rows(viewer=viewer, exam=exam, code=code, at=at, filters=filters, room=room)
    clauses = exams.programme(exam).rules
    by_rule: dict[str, _Gathered] = {}
    for one in every:
        gathered = by_rule.setdefault(one.rule, _Gathered())
        gathered.rows.append(one)
        gathered.counts[one.row.state] += 1
    children = [] if room is not None else list(_children(exam, path, every))
    shown = {rule: _worst_first(g.rows)[: MANY if filters.rule else FEW] for rule, g in by_rule.items()}
    said = names(
        {code_of(f.row.office_path) for some in shown.values() for f in some}
        | {code_of(child) for child, _, _ in children}
        | {code_of(above) for above in _above(viewer, path)}
        | {code_of(path)}
    )
    passed = overrides(exam, path)
    let = {(one.office_path, one.rule) for one in passed}
    known = titles()
    lines = [
        _line(clauses[rule], known, gathered, shown[rule], said, exam.slug, viewer, let)
        for rule, gathered in by_rule.items()
    ]
    return Board(
        code=code_of(path),
        path=path,
        name=_name(said, path),
        room=room,
        above=[(code_of(a), _name(said, a)) for a in _above(viewer, path)],
        groups=list(_grouped(lines)),
        below=_below(children, said),
        total=Counter(one.row.state for one in every),
        unwatched=unwatched(clauses.values()) if path == "/" else (),
        overrides=passed,
    )


def unwatched(clauses: Iterable[Clause]) -> list[Clause]:
    """What is to be enforced or attested and no provider watches."""
    seen = watched()
    return [c for c in clauses if c.kind in ("enforce", "attest") and c.id not in seen]


def _line(
    clause: Clause,
    known: Mapping[str, Words],
    gathered: _Gathered,
    shown: Sequence[Found],
    said: Mapping[str, Words],
    slug: str,
    viewer: Actor,
    let: Collection[tuple[str, str]],
) -> Line:
    places = [
        Place(
            code_of(f.row.office_path),
            _name(said, f.row.office_path),
            f.row.room,
            f.row.rooms,
            f.row.state,
            f.row.words,
            mending(f.row, exam_slug=slug, viewer=viewer),
            (f.row.office_path, f.rule) in let,
        )
        for f in shown
    ]
    strongest: Strength = "must" if any(f.strength == "must" for f in gathered.rows) else "in principle"
    wrong = gathered.counts[RED] + gathered.counts[AMBER]
    return Line(
        clause,
        known.get(clause.id, clause.text),
        strongest,
        min(gathered.counts, key=STRICT.__getitem__),
        gathered.counts,
        places,
        max(0, wrong - len(places)),
    )


def _worst_first(some: list[Found]) -> list[Found]:
    """What is red or amber, the worst and the most lacking first."""
    wrong = [f for f in some if f.row.state in (RED, AMBER)]
    return sorted(
        wrong, key=lambda f: (ORDER[f.row.state], -f.row.lacking, f.row.office_path, f.row.room or 0)
    )


def _grouped(lines: Sequence[Line]) -> Iterator[tuple[Words, list[Line]]]:
    """By stage, those with something red first, else in the order of the year; within it the worst first."""
    by_stage = {stage: [line for line in lines if line.clause.stage == stage] for stage in STAGES}
    for stage, mine in sorted(by_stage.items(), key=lambda kv: all(line.state != RED for line in kv[1])):
        if mine:
            yield (
                STAGE_NAMES.get(stage, t(stage, stage)),
                sorted(mine, key=lambda line: (ORDER[line.state], _by_number(line.clause.id))),
            )


def _by_number(clause: str) -> list[tuple[int, str]]:
    return [(int("".join(c for c in part if c.isdigit()) or 0), part) for part in clause.split(".")]


def _children(
    exam: Exam, path: str, every: Sequence[Found]
) -> Iterator[tuple[str, int | None, Counter[State]]]:
    """The offices just below (of a site its rooms), each with its rows by state; those without rows too."""
    counts: dict[tuple[str, int | None], Counter[State]] = {}
    if path.count("/") < 3:
        for opened in exams.openings(exam).values_list("office_path", flat=True):
            if opened.startswith(path) and opened != path:
                counts.setdefault((_child(path, opened), None), Counter())
    for one in every:
        below = _child(path, one.row.office_path)
        if below:
            counts.setdefault((below, None), Counter())[one.row.state] += 1
        elif one.row.room is not None:
            counts.setdefault((path, one.row.room), Counter())[one.row.state] += 1
    for (child, room), states in counts.items():
        yield child, room, states


def _child(path: str, below: str) -> str:
    """The path of the office just under `path` on the way to `below`; "" for itself."""
    step, _, _ = below[len(path) :].partition("/")
    return f"{path}{step}/" if step else ""


def _below(
    children: Iterable[tuple[str, int | None, Counter[State]]], said: Mapping[str, Words]
) -> list[Below]:
    found = [
        Below(code_of(path), _name(said, path) if room is None else ROOM.format(n=room), worst(n), n, room)
        for path, room, n in children
    ]
    return sorted(found, key=lambda b: (ORDER[b.state], -b.red, -b.amber, b.code, b.room or 0))


def _above(viewer: Actor, path: str) -> list[str]:
    """The offices over this one that the viewer may see, from the top."""
    steps = path.strip("/").split("/") if path != "/" else []
    every = ["/", *("/" + "/".join(steps[:n]) + "/" for n in range(1, len(steps)))] if steps else []
    return [p for p in every if p.startswith(viewer.office_path)]


def _name(said: Mapping[str, Words], path: str) -> Words:
    if path == "/":
        return NATION
    code = code_of(path)
    return said.get(code, t(code, code))
