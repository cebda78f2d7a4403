"""What the tests of the counter and the desks share: a candidate's own registration, a form on paper, a picture."""

import io
from datetime import datetime, timedelta

from PIL import Image

from keju.kernel.accounts.services import NewCandidate, ensure_candidates
from keju.kernel.files.services import store
from keju.kernel.offices import Actor, acting
from keju.stages.fees.tests.world import (
    CLERK,
    DURING,
    MADE,
    OFFICER,
    SYSTEM,
    World,
    cash,
    person,
    submission,
)
from keju.stages.registration import services as registering
from keju.stages.registration.models import Registration
from keju.stages.review import queries, services
from keju.stages.review.services import FirstDecision, Parcel

TICKED = {"identity_card": (True, True, True), "diploma": (True, True, True)}
PARCEL = Parcel(1, "王一", kept=True)
MANAGER = person(20, "point_manager", "1301")
COLLEAGUE = person(17, "region_officer", "13")


def passing(pk: int, **changes: object) -> FirstDecision:
    facts: dict[str, object] = {
        "registration_id": pk,
        "passed": True,
        "materials": TICKED,
        "returned": True,
        "signed": True,
        "payment": cash(pk, 160),
    }
    return FirstDecision(**{**facts, **changes})  # type: ignore[arg-type]


def confirm(world: World, *ids: int, by: Actor = CLERK, at: datetime = DURING) -> None:
    with acting(by):
        services.decide_first(exam=world.exam, decisions=[passing(pk) for pk in ids], by=by, at=at)


def decide(world: World, *ids: int, by: Actor = OFFICER, at: datetime = DURING) -> None:
    with acting(by):
        services.decide_second(
            exam=world.exam, region_code="13", passed=ids, failed={}, signed=True, by=by, at=at
        )


def png(size: tuple[int, int] = (30, 44), colour: str = "navy") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def with_photo(pk: int) -> None:
    """The registration's photo is really there, so that its form can be printed."""
    with acting(SYSTEM):
        found = Registration.objects.get(pk=pk)
        sha = store(
            data=png(), name="p.png", content_type="image/png", office_path=found.office_path,
            candidate_id=found.candidate_id, by=SYSTEM, at=MADE,
        )  # fmt: skip
        Registration.objects.filter(pk=pk).update(photo_sha256=sha)


def online(world: World, serial: int = 700, point: str = "1301") -> tuple[int, Actor]:
    """One more candidate, who registered in a browser of their own: there is no form on paper. Registration and person."""
    stated = submission(serial, point)
    with acting(SYSTEM):
        accounts = ensure_candidates(
            people=[NewCandidate(stated.identity, stated.name)], by=SYSTEM, at=MADE + timedelta(days=1)
        )
    owner = next(iter(accounts.values()))
    by = Actor(
        f"candidate:{owner}",
        stated.name,
        "candidate",
        candidate_id=owner,
        permissions=frozenset({"registration:own:edit"}),
    )
    with acting(by):
        made = registering.submit(
            exam=world.exam, submissions=[stated], candidate_ids=[owner], by=by, at=MADE + timedelta(days=1)
        )
    pk = made[0].registration_id or 0
    with_photo(pk)
    return pk, by


def print_both(world: World, pk: int, by: Actor = CLERK) -> None:
    with acting(by):
        for kind in (queries.CHECK, queries.COPIES):
            services.print_form(exam=world.exam, registration_id=pk, kind=kind, by=by, at=DURING)
