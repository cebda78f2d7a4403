"""The programmes: each folder here is one; ``load_programme`` reads it and what it adopts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from keju.rulebook.errors import Problem, ProgrammeError, UnknownProgramme
from keju.rulebook.model import Clause, DueSpec, DutySpec, Programme, TicketLayout
from keju.rulebook.precautions import Precautions
from keju.rulebook.reading.checklist import read_checklist
from keju.rulebook.reading.faq import read_faq
from keju.rulebook.reading.handovers import read_handovers
from keju.rulebook.reading.letters import read_letters
from keju.rulebook.reading.messages import read_messages
from keju.rulebook.reading.params import Entry, read_params
from keju.rulebook.reading.precautions import read_precautions
from keju.rulebook.reading.programme import Written, read_programme
from keju.rulebook.reading.rosters import read_rosters
from keju.rulebook.reading.rules import read_refusals, read_rules
from keju.rulebook.reading.teaching import read_teaching, taught
from keju.rulebook.responsibility import Responsibility
from keju.rulebook.words import t

HOME = Path(__file__).parent


def programme_codes() -> tuple[str, ...]:
    """Codes of the programmes in the rulebook, those that others adopt first."""
    codes = sorted(path.parent.name for path in HOME.glob("*/programme.yaml"))
    return tuple(sorted(codes, key=lambda code: (load_programme(code).adopts is not None, code)))


@cache
def load_programme(code: str) -> Programme:
    """The programme of this code, complete with what it adopts.

    UnknownProgramme if there is none; ProgrammeError with every problem if its files are not sound.
    """
    if not (HOME / code / "programme.yaml").is_file() or not code.isidentifier():
        words = t("没有名为“{code}”的考试项目", "there is no programme called “{code}”").format(code=code)
        raise UnknownProgramme([Problem(code, 0, "", words)])
    problems: list[Problem] = []
    programme = read_folder(HOME / code, problems)
    if problems:
        raise ProgrammeError(problems)
    return programme


def rule_by_id(clause_id: str) -> Clause | None:
    """The clause of this id, from the programme that wrote it; None if no programme knows it."""
    for code in programme_codes():
        programme = load_programme(code)
        if clause_id in programme.own_rules:
            return programme.rules[clause_id]
    return None


def folders_of(code: str) -> tuple[Path, ...]:
    """The programme's folder, then those of the programmes that it adopts, nearest first."""
    chain: list[Path] = []
    step: str | None = code
    while step is not None:
        chain.append(HOME / step)
        step = load_programme(step).adopts
    return tuple(chain)


@cache
def param_entries(code: str, part: str) -> Mapping[str, Entry]:
    """The parameters of a stage as the programme has them: its own, and the adopted where it is silent."""
    problems: list[Problem] = []
    found: dict[str, Entry] = {}
    for folder in folders_of(code):
        found = {**read_params(folder, part, problems), **found}
    if problems:
        raise ProgrammeError(problems)
    return MappingProxyType(found)


def read_folder(folder: Path, problems: list[Problem]) -> Programme:
    """The programme written in the folder, as far as it is sound; everything else is among the problems."""
    written = read_programme(folder, problems)
    own = read_rules(folder, problems)
    refusals = read_refusals(folder, problems)
    base = _adopted(written, problems)
    gone = set(written.without)
    rules = {id_: c for id_, c in (base.rules if base else {}).items() if id_ not in gone} | own
    kept, responsible = read_rosters(folder, problems)
    duties = _merged(base.duties if base else (), written.duties, "code")
    return Programme(
        code=written.code,
        name=written.name,
        adopts=written.adopts,
        first_year=written.first_year,
        regions=written.regions or (base.regions if base else ""),
        categories=written.categories or (base.categories if base else ()),
        subjects=written.subjects or (base.subjects if base else ()),
        sessions=written.sessions or (base.sessions if base else ()),
        ticket=written.ticket or (base.ticket if base else TicketLayout((), 0)),
        card=written.card or (base.card if base else ""),
        posts=_merged(base.posts if base else (), written.posts, "code"),
        duties=tuple(_dated(duty, folder, base) for duty in duties if duty.rule not in gone),
        milestones=tuple(
            sorted(_merged(base.milestones if base else (), written.milestones, "key"), key=lambda m: m.order)
        ),
        documents=_merged(base.documents if base else (), written.documents, "code"),
        identity=written.identity or (base.identity if base else ()),
        needs=written.needs or (base.needs if base else ()),
        routes=written.routes or (base.routes if base else ()),
        rules=MappingProxyType(_with_params(rules, folder, base)),
        refusal_words=MappingProxyType({**(base.refusal_words if base else {}), **refusals}),
        readings=_readings(folder),
        levels=written.levels or (base.levels if base else ()),
        own_rules=tuple(own),
        identity_documents=written.identity_documents or (base.identity_documents if base else ("resident",)),
        faq=_merged(
            (q for q in (base.faq if base else ()) if q.rule not in gone), read_faq(folder, problems), "code"
        ),
        checklist=_merged(
            (i for i in (base.checklist if base else ()) if i.rule not in gone),
            read_checklist(folder, problems),
            "code",
        ),
        teaching=taught(base.teaching if base else None, read_teaching(folder, problems), gone),
        precautions=_precautions(base, read_precautions(folder, problems), gone),
        responsibility=_responsibility(base, read_letters(folder, problems), gone),
        rosters=_merged((k for k in (base.rosters if base else ()) if k.rule not in gone), kept, "code"),
        handovers=_merged(
            (k for k in (base.handovers if base else ()) if k.rule not in gone),
            read_handovers(folder, problems),
            "code",
        ),
        responsible=responsible or (base.responsible if base else ()),
        messages=MappingProxyType({**(base.messages if base else {}), **read_messages(folder, problems)}),
    )


def _precautions(base: Programme | None, own: Precautions, gone: set[str]) -> Precautions:
    """Those adopted, without what rests on a clause that does not fit, and the programme's own in their place or beside."""
    old = base.precautions if base else Precautions()
    return Precautions(
        inspections=_merged((i for i in old.inspections if i.rule not in gone), own.inspections, "code"),
        partners=_merged(old.partners, own.partners, "code"),
        emergencies=_merged((e for e in old.emergencies if e.rule not in gone), own.emergencies, "code"),
        devices=_merged((d for d in old.devices if d.rule not in gone), own.devices, "code"),
    )


def _responsibility(base: Programme | None, own: Responsibility, gone: set[str]) -> Responsibility:
    """As `_precautions`; of the chain of a kind of office there is one."""
    old = base.responsibility if base else Responsibility()
    return Responsibility(
        letters=_merged((one for one in old.letters if one.rule not in gone), own.letters, "code"),
        chains=_merged((one for one in old.chains if one.rule not in gone), own.chains, "at"),
        tasks=_merged((one for one in old.tasks if one.rule not in gone), own.tasks, "code"),
    )


def _adopted(written: Written, problems: list[Problem]) -> Programme | None:
    if written.adopts is None:
        return None
    if written.adopts == written.code:
        words = t("项目不能采用自己", "a programme cannot adopt itself")
        problems.append(Problem("programme.yaml", 0, "adopts", words))
        return None
    try:
        return load_programme(written.adopts)
    except UnknownProgramme as error:
        problems.extend(replace(p, file="programme.yaml", place="adopts") for p in error.problems)
    return None


def _merged(base: Iterable[Any], own: Iterable[Any], key: str) -> tuple[Any, ...]:
    found = {getattr(item, key): item for item in base}
    found.update({getattr(item, key): item for item in own})
    return tuple(found.values())


def _dated(duty: DutySpec, folder: Path, base: Programme | None) -> DutySpec:
    """The duty with the newest figure of the parameter that it names; ``duties_on`` gives those of a day."""
    if not isinstance(duty.due, DueSpec) or duty.due.param is None:
        return duty
    part, _, name = duty.due.param.partition(".")
    homes = [folder, *(folders_of(base.code) if base else ())]
    for home in homes:
        entry = read_params(home, part, []).get(name)
        if entry is not None:
            value = entry.spot_on(date.max).value
            return replace(duty, due=replace(duty.due, n=value)) if isinstance(value, int) else duty
    return duty


def _with_params(rules: dict[str, Clause], folder: Path, base: Programme | None) -> dict[str, Clause]:
    """The clauses, each with the names of the parameters that carry its figures."""
    names: dict[str, dict[str, None]] = {id_: dict.fromkeys(clause.params) for id_, clause in rules.items()}
    for path in sorted((folder / "params").glob("*.yaml")):
        for entry in read_params(folder, path.stem, []).values():
            names.setdefault(entry.clause, {})[f"{path.stem}.{entry.name}"] = None
    return {id_: replace(clause, params=tuple(names[id_])) for id_, clause in rules.items()}


def _readings(folder: Path) -> str:
    path = folder / "readings.md"
    return path.read_text(encoding="utf-8") if path.is_file() else ""
