"""What has to be done by the clock alone. Asked every minute, so the answer "nothing" has to be cheap."""

from datetime import datetime, timedelta

from keju.algorithms.workdays import CHINA
from keju.kernel.duties import plan
from keju.kernel.duties.escalation import level_due
from keju.kernel.duties.models import OPEN, Obligation
from keju.kernel.duties.settling import calendar_of, parties_of, specs_of
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam


def is_waiting(exam: Exam, at: datetime, every: timedelta) -> bool:
    """Whether some late obligation belongs on a higher level than it is."""
    late = Obligation.objects.filter(OPEN, exam=exam, due_at__lt=at)
    found = late.values_list("owner_code", "due_at", "escalated_level").iterator()
    return any(level_due(owner, due_at, at, every) > level for owner, due_at, level in found)


def is_lacking(exam: Exam, at: datetime) -> bool:
    """Whether the plan names obligations that are not there: today's reports, or those of an office that joined."""
    if not (_has_newcomers(exam) or _lacks_today(exam, at)):
        return False
    today = at.astimezone(CHINA).date()
    wanted = plan.owed(specs_of(exam), parties_of(exam), calendar_of(exam), today)
    keys = Obligation.objects.filter(exam=exam).values_list("code", "owner_code", "creditor_code", "day")
    return bool({(w.code, w.owner_code, w.creditor_code, w.day) for w in wanted} - set(keys))


def _has_newcomers(exam: Exam) -> bool:
    """Some office taking part owes nothing although another of its kind does."""
    owners = set(Obligation.objects.filter(exam=exam).values_list("owner_code", flat=True).distinct())
    owing: dict[str, set[bool]] = {}
    for code, kind in exams.openings(exam).values_list("office_id", "office__kind"):
        owing.setdefault(kind, set()).add(code in owners)
    return any(len(found) == 2 for found in owing.values())


def _lacks_today(exam: Exam, at: datetime) -> bool:
    """Some daily duty has begun, is not known to be over, and has no occurrence today."""
    today = at.astimezone(CHINA).date()
    nation = calendar_of(exam).get("/", {})
    daily = [
        spec.code
        for spec in specs_of(exam)
        if spec.daily_until
        and (spec.daily_until not in nation or nation[spec.daily_until].astimezone(CHINA).date() >= today)
    ]
    rows = Obligation.objects.filter(exam=exam, code__in=daily)
    begun = set(rows.filter(day__lte=today).values_list("code", flat=True).distinct())
    return bool(begun - set(rows.filter(day=today).values_list("code", flat=True).distinct()))
