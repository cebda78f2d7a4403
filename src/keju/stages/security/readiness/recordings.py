"""Recordings on the readiness board (P2.2, V14.1, P7.2): after each session, what is missing and what to replay."""

from collections.abc import Iterator
from datetime import datetime

from keju.kernel.exams.models import Exam
from keju.kernel.offices.queries import path_of
from keju.kernel.readiness import AMBER, GREEN, PRINCIPLE, Row, provides
from keju.rulebook.words import t
from keju.stages.security.queries import recordings as queries

MISSING = t(
    "缺{n}份录像（有监控的考场、已结束的场次）",
    "{n:recording is|recordings are} missing (rooms with cameras, sessions over)",
)
UNSEEN = t("抽查的{all}份录像看了{n}份", "{n} of the {all} recordings sampled are replayed")


@provides("P2.2", "V14.1", "P7.2", strength=PRINCIPLE, title=t("考场录像", "Recordings"))
def recordings(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Every room with a camera has its recording of each session that is over; the sample is replayed."""
    keep, watch = queries.clause(exam), queries.replay_clause(exam)
    for one in queries.sites(exam, path, at):
        place = path_of(one.code)
        words = MISSING.format(n=one.missing) if one.missing else None
        yield Row(
            place, AMBER if words else GREEN, words, "security-recordings", lacking=one.missing, rule=keep
        )
        left = one.wanted - one.replayed
        words = UNSEEN.format(n=one.replayed, all=one.wanted) if left else None
        yield Row(place, AMBER if left else GREEN, words, "security-recordings", lacking=left, rule=watch)
