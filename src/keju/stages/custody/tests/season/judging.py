"""What a season must raise, held against what it raised: nothing is missing, late, early or false. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from keju.stages.custody.tests.season.faults import Fault

CYCLE = timedelta(minutes=1)


@dataclass(frozen=True)
class Finding:
    """Something raised: "alarm" or "refusal", of which kind, with what, whose, when."""

    how: str
    kind: str
    subject: str
    office_path: str
    at: datetime

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.how, self.kind, self.subject, self.office_path


@dataclass(frozen=True)
class Expected:
    """Of a fault: the finding, at its term (`finding.at`) at the earliest and a reporting cycle later at the latest."""

    fault: Fault
    finding: Finding


@dataclass
class Verdict:
    """`missing`: not raised; `untimely`: raised too early or too late, with what was raised; `false`: raised for nothing."""

    expected: Sequence[Expected]
    missing: list[Expected] = field(default_factory=list)
    untimely: list[tuple[Expected, Finding]] = field(default_factory=list)
    false: list[Finding] = field(default_factory=list)
    again: int = 0

    @property
    def is_exact(self) -> bool:
        return not (self.missing or self.untimely or self.false)

    @property
    def table(self) -> list[tuple[str, int, int, int]]:
        """(kind, planted, raised in time, findings expected of them) for each kind of fault."""
        bad = {e.fault.number for e in self.missing} | {e.fault.number for e, _ in self.untimely}
        planted = {e.fault.number: e.fault.kind for e in self.expected}
        counted = Counter(planted.values())
        good = Counter(kind for number, kind in planted.items() if number not in bad)
        wanted = Counter(e.fault.kind for e in self.expected)
        return [(kind, counted[kind], good[kind], wanted[kind]) for kind in counted]


def judge(expected: Sequence[Expected], raised: Iterable[Finding]) -> Verdict:
    """Each expected finding has its first raising within its cycle; what nobody expected is false.

    What was over and is told again of the same thing is counted, not false: it is wrong once more.
    """
    verdict = Verdict(expected)
    first: dict[tuple[str, str, str, str], Finding] = {}
    for one in sorted(raised, key=lambda f: f.at):
        verdict.again += first.setdefault(one.key, one) is not one
    wanted = {e.finding.key for e in expected}
    if len(wanted) != len(expected):
        raise ValueError("two faults would be one finding")
    for e in expected:
        found = first.get(e.finding.key)
        if found is None:
            verdict.missing.append(e)
        elif not e.finding.at <= found.at <= e.finding.at + CYCLE:
            verdict.untimely.append((e, found))
    verdict.false = [one for key, one in first.items() if key not in wanted]
    return verdict
