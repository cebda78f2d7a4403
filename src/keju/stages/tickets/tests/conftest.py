"""A region planned and ready to be numbered; a second one; fees paid unless a test says otherwise."""

import pytest

from keju.kernel.audit import write
from keju.kernel.documents.tests.sample import photo
from keju.kernel.exams.models import Exam
from keju.kernel.files.services import store
from keju.kernel.offices import Actor, acting
from keju.rulebook.words import Words
from keju.stages.fees import queries as fees
from keju.stages.registration.models import Registration
from keju.stages.review import queries as review
from keju.stages.seating import services as seats
from keju.stages.tickets import services
from keju.stages.venues.tests.year import (
    AT,
    SYSTEM,
    confirmed,
    decide,
    make_exam,
    make_site,
    per_point,
    report,
    staff,
)

COUNTS = {
    "13": {("1301", "general"): 64, ("1302", "aquatic"): 29, ("1303", "general"): 26},
    "11": {("1101", "general"): 5},
}


@pytest.fixture
def eligible(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[int]]:
    """Who passed both reviews, by region, as the review will say."""
    found: dict[str, list[int]] = {"11": [], "13": [], "21": []}
    monkeypatch.setattr(review, "eligible_ids", lambda *, viewer, exam, region_code: found[region_code])
    monkeypatch.setattr(
        review,
        "eligible_counts",
        lambda *, viewer, exam: per_point(exam, [pk for ids in found.values() for pk in ids]),
    )
    return found


@pytest.fixture
def default(monkeypatch: pytest.MonkeyPatch) -> dict[str, Words]:
    """Regions that owe their fees, with the reason; none unless a test adds one."""
    found: dict[str, Words] = {}
    monkeypatch.setattr(fees, "in_default", lambda exam, at: found)
    return found


@pytest.fixture
def exam(db: None, eligible: dict[str, list[int]], default: dict[str, Words]) -> Exam:
    made = make_exam("1301", "1302", "1303", "1101")
    ids = confirmed(made, {**COUNTS["13"], **COUNTS["11"]})
    eligible["13"] += ids[:-5]
    eligible["11"] += ids[-5:]
    decide(made, "13", {"1301": "1301", "1302": "1301", "1303": "1303"})
    decide(made, "11", {"1101": "1101"})
    sites = [
        make_site(made, "1301", rooms=2, columns=7, rows=5, report=False),
        make_site(made, "1301", rooms=3, standard=25, columns=4, rows=7, report=False),
    ]
    report(made, *sites)
    make_site(made, "1303", rooms=1)
    make_site(made, "1101", rooms=1)
    for region in ("13", "11"):
        plan(made, region)
    return made


def plan(exam: Exam, region: str) -> None:
    by = staff("region_officer", region)
    with acting(by):
        seats.make_plans(exam=exam, region_code=region, by=by, at=AT)


@write(None)
def keep(*, by: Actor, at: object) -> str:
    return store(data=photo(3), name="p.jpg", content_type="image/jpeg", office_path="/", by=by, at=AT)


@pytest.fixture
def opened(exam: Exam, settings: object, tmp_path: object) -> Exam:
    """Both regions numbered and opened; everybody has the same photo."""
    settings.FILES_ROOT = tmp_path  # type: ignore[attr-defined]
    for region in ("13", "11"):
        officer = staff("region_officer", region)
        with acting(officer):
            services.generate(exam=exam, region_code=region, by=officer, at=AT)
    centre = staff("centre_exam", "centre")
    with acting(centre):
        services.open_printing(exam=exam, by=centre, at=AT)
    with acting(SYSTEM):
        Registration.objects.update(photo_sha256=keep(by=SYSTEM, at=AT))
    return exam
