"""What a candidate pays in a region, from which day, and by which document (V8.1). Public."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.stages.fees import rules
from keju.stages.fees.models import Tariff
from keju.stages.fees.params import Params


@dataclass(frozen=True)
class Fee:
    """What a candidate of a category pays in a region, in yuan; `provincial` None until the tariff is set.

    Of one registration: `arrived` is what came before by the bank or online, `left` what is still to be paid.
    """

    region_code: str
    category: str
    national: Decimal
    provincial: Decimal | None
    approval: str = ""
    arrived: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal | None:
        return None if self.provincial is None else self.national + self.provincial

    @property
    def left(self) -> Decimal | None:
        return None if self.total is None else max(self.total - self.arrived, Decimal(0))

    @property
    def covered(self) -> bool:
        """Everything has arrived and waits for the confirmation."""
        return self.left == 0 and self.arrived > 0


def tariff_versions(exam: Exam, region_code: str) -> QuerySet[Tariff]:
    """Every version of the region's tariff, the newest first."""
    return Tariff.objects.filter(exam=exam, region_code=region_code).order_by("-version")


def tariff(exam: Exam, region_code: str, at: datetime | None = None) -> Tariff | None:
    """The region's tariff that holds at the moment (None: the last that was set), or None while there is none."""
    found = list(tariff_versions(exam, region_code))
    return _in_force(found, at)


def tariffs(exam: Exam, at: datetime | None = None) -> dict[str, Tariff]:
    """By region code, as `tariff`."""
    found: dict[str, list[Tariff]] = {}
    for row in Tariff.objects.filter(exam=exam).order_by("region_code"):
        found.setdefault(row.region_code, []).append(row)
    known = {code: _in_force(rows, at) for code, rows in found.items()}
    return {code: row for code, row in known.items() if row is not None}


def coming_tariffs(exam: Exam, at: datetime) -> dict[str, Tariff]:
    """By region code, the version that begins on a later day, if one is decided."""
    later = Tariff.objects.filter(exam=exam, starts_on__gt=at.astimezone(CHINA).date())
    return {row.region_code: row for row in later.order_by("region_code", "-starts_on", "-version")}


def tariff_file(exam: Exam, sha: str) -> bool:
    """Whether the file approves a tariff of this exam: then anybody may read it."""
    return bool(sha) and Tariff.objects.filter(exam=exam, approval_file=sha).exists()


def fee(exam: Exam, region_code: str, category: str, at: datetime | None = None) -> Fee:
    """What a candidate of that category pays in that region at the moment (None: by the last tariff set)."""
    found = tariff(exam, region_code, at)
    return Fee(
        region_code,
        category,
        national_fees(exam)[category],
        found.provincial_fee if found else None,
        found.approval if found else "",
    )


def prices(exam: Exam, region_code: str, categories: Iterable[str]) -> dict[str, list[rules.Price]]:
    """What each of the categories costs there, version by version."""
    national, versions = national_fees(exam), list(tariff_versions(exam, region_code))
    return {
        category: [
            rules.Price(row.starts_on, row.version, national[category], row.provincial_fee)
            for row in versions
        ]
        for category in categories
    }


def national_fees(exam: Exam) -> dict[str, Decimal]:
    """The centre's part by category."""
    programme, params = exams.programme(exam), exams.params(exam, Params)
    return {
        c.code: rules.national_fee(sum(c.code in s.categories for s in programme.subjects), params)
        for c in programme.categories
    }


def refund_days(exam: Exam) -> int:
    """Working days after the exam within which refunds are paid (V8.3)."""
    return exams.params(exam, Params).refund_working_days


def _in_force(rows: Iterable[Tariff], at: datetime | None) -> Tariff | None:
    day = at.astimezone(CHINA).date() if at else None
    held = [row for row in rows if day is None or row.starts_on <= day]
    return max(held, key=lambda row: (row.starts_on, row.version), default=None)
