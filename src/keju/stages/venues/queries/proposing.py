"""Proposals of hosts: the question as it stands now, versions as they were kept, what they cost."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import QuerySet

from keju.algorithms.siting import Point, Terms, Wishes
from keju.kernel.accounts.queries import staff_names
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices.positions import position
from keju.kernel.offices.queries import points
from keju.rulebook import value_of
from keju.rulebook.words import Words
from keju.stages.venues import rules
from keju.stages.venues.models import HostProposal
from keju.stages.venues.params import Params
from keju.stages.venues.queries.hosting import counts
from keju.stages.venues.rules import Costs, Question


def serials(exam: Exam) -> int:
    """How many ticket numbers a host has (V7.2)."""
    return int(value_of("tickets.serial_max", programme=exam.programme, as_of=exam.rules_as_of))


def terms(exam: Exam) -> Terms:
    """What the programme weighs."""
    p = exams.params(exam, Params)
    return Terms(
        minimum=p.host_min_candidates,
        most=serials(exam),
        host_km=p.host_cost_km,
        small_km=p.small_host_cost_km,
        missing_km=p.missing_candidate_km,
    )


def question(
    exam: Exam,
    region_code: str,
    *,
    wishes: Wishes | None = None,
    seats: Mapping[str, int] | None = None,
) -> Question:
    """The region's points with the confirmed candidates of now, and what it settled beforehand."""
    return _question(counts(exam, region_code), region_code, terms(exam), wishes or Wishes(), seats or {})


def asked(proposal: HostProposal) -> Question:
    """The question that a kept version answered."""
    wishes = wishes_of(proposal.wishes)
    return _question(proposal.counts, proposal.region_code, Terms(**proposal.terms), wishes, proposal.seats)


def proposals(exam: Exam, region_code: str) -> QuerySet[HostProposal]:
    """The versions of the region, newest first."""
    return HostProposal.objects.filter(exam=exam, region_code=region_code).order_by("-version")


def proposal(exam: Exam, region_code: str, version: int | None = None) -> HostProposal | None:
    """That version, or the newest one that the solver found; None if there is none."""
    found = proposals(exam, region_code)
    return found.filter(by_hand=False).first() if version is None else found.filter(version=version).first()


def is_current(proposal: HostProposal, now: Question) -> bool:
    """Whether the candidates are still those for whom it was made."""
    return {p: n for p, n in proposal.counts.items() if n} == {p: n for p, n in now.counts.items() if n}


@dataclass(frozen=True)
class Version:
    """A kept version as the list of versions shows it; `decided`: versions of decisions that rest on it."""

    row: HostProposal
    costs: Costs
    current: bool
    settled: int
    decided: tuple[int, ...]
    maker: str

    @property
    def percent(self) -> str:
        """By how much it can at most be improved."""
        return f"{100 * (self.row.gap or 0):.2f}"


def versions(exam: Exam, region_code: str, *, most: int = 12) -> list[Version]:
    """The newest versions side by side, each with the costs for the candidates it was made for."""
    now = question(exam, region_code)
    found = list(proposals(exam, region_code).prefetch_related("decisions")[:most])
    makers = staff_names(row.made_by for row in found)
    return [
        Version(
            row,
            rules.costs_of(asked(row), row.assignment),
            is_current(row, now),
            sum(len(settled) for settled in (*row.wishes.values(), row.seats)),
            tuple(sorted(d.version for d in row.decisions.all())),
            makers.get(row.made_by, ""),
        )
        for row in found
    ]


def settled(proposal: HostProposal | None) -> dict[str, Any]:
    """What the region had settled and entered for that version: the further arguments of `question`."""
    if proposal is None:
        return {}
    return {"wishes": wishes_of(proposal.wishes), "seats": proposal.seats}


def names(region_code: str) -> dict[str, Words]:
    return {p.code: p.name for p in points(region_code)}


def plain_wishes(wishes: Wishes) -> dict[str, object]:
    """As a row keeps them."""
    return {
        "must": sorted(wishes.must),
        "barred": sorted(wishes.barred),
        "sent": dict(sorted(wishes.sent.items())),
    }


def wishes_of(kept: Mapping[str, object]) -> Wishes:
    return Wishes(frozenset(kept["must"]), frozenset(kept["barred"]), dict(kept["sent"]))  # type: ignore[call-overload]


def plain_terms(terms: Terms) -> dict[str, int]:
    return asdict(terms)


def _question(
    counted: Mapping[str, int], region_code: str, terms: Terms, wishes: Wishes, seats: Mapping[str, int]
) -> Question:
    found = []
    for office in points(region_code):
        at = position(office.code)
        n = counted.get(office.code, 0)
        found.append(Point(office.code, n, at.longitude, at.latitude, seats.get(office.code)))
    return Question(tuple(sorted(found, key=lambda p: p.code)), terms, wishes)
