"""The rulebook for readers: every clause in words, its figures by the day they hold from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render

from keju.kernel.audit import NotPermitted
from keju.kernel.exams.access import Request, public_page
from keju.rulebook import Clause, Programme, load_programme, programme_codes, rule_by_id
from keju.rulebook.model import STAGES
from keju.rulebook.programmes import param_entries
from keju.rulebook.stages import STAGE_NAMES
from keju.rulebook.words import Words, t
from keju.stages.registration.documents import fact_value

KINDS: dict[str, Words] = {
    "access": t("谁可以做", "Who may"),
    "enforce": t("必须如此", "Enforced"),
    "deadline": t("期限", "Deadline"),
    "record": t("要留记录", "Recorded"),
    "document": t("文书", "Document"),
    "compute": t("计算", "Computed"),
    "attest": t("由人负责", "Attested"),
}

#: figures that are choices of the registration, by what they are called there
CHOSEN = {
    "registration.majors": "major",
    "registration.min_degree": "degree",
    "registration.title_before": "title_on",
}


@dataclass(frozen=True)
class Line:
    clause: Clause
    kind: Words


@dataclass(frozen=True)
class Figure:
    """A number of the law: its unit and its values, each with the day from which it holds."""

    name: Words | str
    unit: Words | str
    note: Words | str | None
    values: tuple[tuple[date, object], ...]


@public_page
def rules(request: Request) -> HttpResponse:
    """All clauses of a programme by stage; found by id or by words in either language."""
    codes = programme_codes()
    code = request.GET.get("programme", codes[0])
    programme = load_programme(code if code in codes else codes[0])
    asked = request.GET.get("q", "").strip()
    clauses = [c for c in programme.rules.values() if _fits(c, asked)]
    groups = [(STAGE_NAMES[s], [Line(c, KINDS[c.kind]) for c in clauses if c.stage == s]) for s in STAGES]
    facts = {
        "programmes": [load_programme(c) for c in codes],
        "programme": programme,
        "asked": asked,
        "groups": [g for g in groups if g[1]],
        "found": len(clauses),
    }
    return render(request, "site/rules.html", facts)


@public_page
def rule(request: Request, clause: str) -> HttpResponse:
    found = rule_by_id(clause)
    if found is None:
        raise NotPermitted(hidden=True)
    home = _home_of(clause)
    documents = [d for d in home.documents if clause in d.rules]
    facts = {
        "clause": found,
        "kind": KINDS[found.kind],
        "stage": STAGE_NAMES[found.stage],
        "programme": home,
        "figures": list(_figures(found, home)),
        "documents": documents,
    }
    return render(request, "site/rule.html", facts)


def _home_of(clause: str) -> Programme:
    """The programme that wrote the clause."""
    return next(p for p in map(load_programme, programme_codes()) if clause in p.own_rules)


def _figures(clause: Clause, programme: Programme) -> Iterator[Figure]:
    for name in clause.params:
        part, _, short = name.partition(".")
        entry = param_entries(programme.code, part).get(short)
        if entry is not None:
            values = tuple((day, _shown(spot.value, CHOSEN.get(name, ""))) for day, spot in entry.values)
            yield Figure(entry.title or name, entry.unit, entry.note, values)


def _shown(value: object, fact: str = "") -> object:
    """A value in words; `fact` names the choice of the registration that it is one of."""
    if isinstance(value, list):
        return str(t("、", ", ")).join(str(_shown(getattr(v, "value", v), fact)) for v in value)
    if isinstance(value, bool):
        return t("是", "yes") if value else t("否", "no")
    if fact:
        return fact_value(fact, str(value))
    if isinstance(value, dict):
        return ", ".join(f"{k}: {_shown(getattr(v, 'value', v))}" for k, v in value.items())
    return value


def _fits(clause: Clause, asked: str) -> bool:
    wanted: Iterable[str] = asked.casefold().split()
    text = " ".join((clause.id, clause.text.zh, clause.text.en, clause.who.zh, clause.who.en)).casefold()
    return all(word in text for word in wanted)
