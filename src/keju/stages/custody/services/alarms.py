"""Every minute: what is wrong with the papers anew is on record, and the office and the one above it are told."""

from collections.abc import Sequence
from datetime import datetime

from keju.kernel.audit import record, write
from keju.kernel.exams.models import Exam
from keju.kernel.notices.services.offices import deliver
from keju.kernel.offices import Actor, acting
from keju.rulebook.words import Words, t
from keju.stages.custody import events
from keju.stages.custody.models import Alarm as Kept
from keju.stages.custody.queries.alarms import Alarm, alarms

NATION = Actor.system("custody")
SHOWN = 20  # alarms that a notice spells out
TITLE = t("试卷安全：新增{n}项警报", "Papers: {n} new alarms")
MORE = t("……另有{n}项。", "… and {n} more.")
LAST = t("请在“试卷—警报”中逐项处理。", "Deal with each under Papers, Alarms.")


def watch(*, exam: Exam, by: Actor, at: datetime) -> int:
    """Each new alarm has its row and event, each one that is over its end; offices were told. Returns how many are new.

    Without any change it leaves no trace.
    """
    with acting(NATION):
        now = {(a.kind, a.subject): a for a in alarms(exam, "/", at)}
        open_ones = {(k.kind, k.subject): k for k in Kept.objects.filter(exam=exam, cleared_at=None)}
        new = [now[key] for key in now.keys() - open_ones.keys()]
        over = [open_ones[key] for key in open_ones.keys() - now.keys()]
        if new or over:
            _settle(
                exam=exam,
                new=sorted(new, key=lambda a: (a.since, a.kind, a.subject)),
                over=over,
                by=by,
                at=at,
            )
        return len(new)


@write(None)
def _settle(*, exam: Exam, new: Sequence[Alarm], over: Sequence[Kept], by: Actor, at: datetime) -> None:
    Kept.objects.filter(pk__in=[k.pk for k in over]).update(cleared_at=at)
    Kept.objects.bulk_create(
        Kept(
            exam=exam, office_path=a.office_path, kind=a.kind, subject=a.subject, rule=a.rule, words_zh=a.words.zh[:300],
            words_en=a.words.en[:500], since=a.since, raised_at=at,
        )
        for a in new
    )  # fmt: skip
    for raised, lot in ((True, new), (False, over)):
        for alarm in lot:
            record(
                events.ALARM_RAISED if raised else events.ALARM_CLEARED,
                by=by,
                at=at,
                subject=alarm.subject,
                exam=exam.slug,
                office_path=alarm.office_path,
                rules=[alarm.rule],
                data={"kind": alarm.kind, "since": alarm.since},
            )
    told: dict[str, list[Alarm]] = {}
    for alarm in new:
        for code in told_of(alarm.office_path):
            told.setdefault(code, []).append(alarm)
    for code, mine in sorted(told.items()):
        deliver(
            exam=exam,
            title=TITLE.format(n=len(mine)),
            body=_body(mine),
            to=[code],
            kind="custody",
            by=NATION,
            at=at,
        )


def told_of(office_path: str) -> list[str]:
    """Whom an alarm there is told: the office and the one above it. A site has no inbox; its point and region have."""
    offices = ["centre", *office_path.strip("/").split("/")[:2]] if office_path != "/" else ["centre"]
    return offices[-2:]


def _body(found: Sequence[Alarm]) -> Words:
    lines = [t(f"{a.words.zh}（{a.rule}）", f"{a.words.en} ({a.rule})") for a in found[:SHOWN]]
    if len(found) > SHOWN:
        lines.append(MORE.format(n=len(found) - SHOWN))
    lines.append(LAST)
    return t("\n".join(line.zh for line in lines), "\n".join(line.en for line in lines))
