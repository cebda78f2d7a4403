"""A small exam whose papers are made: two rooms of a site in region 13, morning and afternoon."""

import io
from datetime import timedelta
from uuid import UUID, uuid5

import pytest
from PIL import Image

from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.custody import queries, services
from keju.stages.custody.models import Container
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.containers import Kind
from keju.stages.seating import services as seating
from keju.stages.venues.tests.year import AT, confirmed, decide, make_exam, make_site, staff

KEYS = UUID(int=6)
REGION, CENTRE = staff("region_officer", "13"), staff("centre_exam", "centre")
CENTRE_PAPERS, REGION_PAPERS = staff("centre_custody", "centre"), staff("region_custody", "13")
POINT_PAPERS = staff("point_custody", "1301")
DETAILS = {"receiver": "河北考区办公室 王一", "address": "保密室1号", "phone": "0311-0000000"}
MADE_AT = AT + timedelta(hours=1)


def key(name: str) -> UUID:
    """An operation's id, the same in every run."""
    return uuid5(KEYS, name)


def seated(eligible: list[int]) -> Exam:
    """34 general and 3 aquatic candidates of point 1301 in three rooms of its site; `eligible` is the fixture's list."""
    made = make_exam("1301")
    eligible += confirmed(made, {("1301", "general"): 34, ("1301", "aquatic"): 3})
    decide(made, "13", {"1301": "1301"})
    make_site(made, "1301", rooms=3)
    return made


def plan(exam: Exam) -> str:
    """The digest of the quantities that the seats need."""
    with acting(REGION):
        seating.make_plans(exam=exam, region_code="13", by=REGION, at=AT)
        return queries.quantities(exam, "13", viewer=REGION).digest


def stamped() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (300, 400), "white").save(buffer, "PNG")
    return buffer.getvalue()


def papers(exam: Exam) -> list[Container]:
    """Quantities are confirmed, and every bag stands in a sealed box at the printing house. Returns all containers by code."""
    digest = plan(exam)
    with acting(REGION):
        services.confirm(
            exam=exam, region_code="13", digest=digest, **DETAILS, scan=stamped(), by=REGION, at=AT
        )
    with acting(CENTRE_PAPERS):
        services.make(exam=exam, region_code="13", key=key("make"), by=CENTRE_PAPERS, at=MADE_AT)
        return list(Container.objects.filter(exam=exam).order_by("code"))


def codes_of(caught: pytest.ExceptionInfo[RuleRefused]) -> set[str]:
    """The codes by which it was refused."""
    return {r.code for r in caught.value.refusals}


def loose_bag(exam: Exam) -> Container:
    """A sealed bag of the point's site, out of its box at the printing house; the papers are made."""
    made = papers(exam)
    box, bag = (next(c for c in made if c.kind == kind) for kind in (Kind.BOX, Kind.BAG))
    out = Change(parent_id=None, place="printing_house", place_path="/", custodian="centre")
    with acting(CENTRE_PAPERS):
        for act, changes in ((Act.OPENED, {box.pk: Change(seal="")}), (Act.UNPACKED, {bag.pk: out})):
            services.carry_out(
                exam=exam, key=key(f"out {act}"), act=act, changes=changes, office_path="/13/", by=CENTRE_PAPERS,
                at=MADE_AT,
            )  # fmt: skip
    return bag
