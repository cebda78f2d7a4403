"""Where a candidate stands in the review, as they may see it."""

from dataclasses import dataclass
from datetime import datetime

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.stages.fees import queries as fees
from keju.stages.registration import queries as registration
from keju.stages.review.models import FirstReview
from keju.stages.review.queries.corrections import Asked, corrections_of
from keju.stages.review.queries.second import batch


@dataclass(frozen=True)
class Standing:
    """A candidate's review, step by step. `second`: "", "waiting", "passed" or "failed"; known once the region's results
    are set, together for all (V5.4)."""

    number: str
    state: str
    reason: str
    first: FirstReview | None
    receipt: str
    second: str
    second_at: datetime | None
    corrections: list[Asked]

    @property
    def may_correct(self) -> bool:
        """A confirmed registration with no correction waiting may ask for one."""
        return self.state == "confirmed" and not any(c.correction.state == "asked" for c in self.corrections)


def standing(*, viewer: Actor, exam: Exam) -> Standing | None:
    """The candidate's own standing; None without a registration that counts."""
    own = registration.own(viewer=viewer, exam=exam)
    if own is None or own.state == "withdrawn":
        return None
    first = FirstReview.objects.filter(exam=exam, registration_id=own.pk).first()
    with acting(Actor.system("review")):
        done = batch(exam, own.point_code[:2])
    second = ""
    if first is not None and first.passed:
        second = "waiting" if done is None else "passed" if own.state == "confirmed" else "failed"
    paid = fees.payment_of(exam, own.pk)
    return Standing(
        registration.number_of(exam, own.pk),
        own.state,
        own.reason,
        first,
        paid.receipt if paid else "",
        second,
        done.set_at if done else None,
        corrections_of(viewer=viewer, exam=exam, registration_id=own.pk),
    )
