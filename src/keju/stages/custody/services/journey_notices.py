"""Who is told of papers on the way: the receiver that they come, the offices above that there is trouble."""

from datetime import datetime

from keju.kernel.calendar import CHINA
from keju.kernel.exams.models import Exam
from keju.kernel.notices.services import deliver
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.rulebook.words import t
from keju.stages.custody.models import Journey


def advise(exam: Exam, row: Journey, loaded: int, by: Actor, at: datetime) -> None:
    """V11.3.1: the receiver knows who comes before they come. Names and telephones stand on the journey's page alone."""
    receiver = office(row.receiver_code)
    if str(receiver.kind) == "site":  # a site has no office of its own: its point sends
        return
    words = t(
        "{sender}的试卷已发出，{n}件，计划{when}到达。押运人员和联系方式见第{id}程。",
        "Papers have left {sender}: {n} containers, planned to arrive {when}. The escorts and their telephones: journey {id}.",
    ).format(sender=office(row.sender_code).name, n=loaded, when=_moment(row.arrive_at), id=row.pk)
    deliver(
        exam=exam,
        title=t("试卷发运预告", "Papers are on the way to you"),
        body=words,
        to=[row.receiver_code],
        by=by,
        at=at,
    )


def tell_above(exam: Exam, row: Journey, words: str, by: Actor, at: datetime) -> None:
    """V10.2.4: trouble reaches every office above at once, up to the centre."""
    above = [code for code in row.office_path.strip("/").split("/")[:1] if code]
    said = t(
        "{sender}至{receiver}的第{id}程押运遇到问题：{words}",
        "Trouble on journey {id} from {sender} to {receiver}: {words}",
    ).format(
        sender=office(row.sender_code).name, receiver=office(row.receiver_code).name, id=row.pk, words=words
    )
    deliver(
        exam=exam,
        title=t("押运途中遇到问题", "Trouble on the way"),
        body=said,
        to=sorted({*above, "centre"}),
        by=by,
        at=at,
    )


def _moment(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%m-%d %H:%M")
