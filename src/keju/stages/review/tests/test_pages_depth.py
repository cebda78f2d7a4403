"""Scans, corrections and the candidate's own review as people meet them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from keju.kernel.accounts.models import Candidate
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.stages.fees.tests.world import AFTER, DURING, OFFICER, SYSTEM, World, make_world, person, set_clock
from keju.stages.registration.models import Registration
from keju.stages.review import services
from keju.stages.review.models import Correction, Scan
from keju.stages.review.tests.depth import confirm, decide, online, png, print_both

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = make_world(1)
    set_clock(world.exam, DURING)
    return world


def at(name: str, **more: object) -> str:
    return reverse(name, kwargs={"exam": "vet-2011", **more})


def as_candidate(pk: int) -> Client:
    """The candidate of the registration, signed in."""
    client = Client()
    with acting(SYSTEM):
        owner = Registration.objects.get(pk=pk).candidate_id
        client.force_login(
            Candidate.objects.select_related("login").get(pk=owner).login,
            backend="django.contrib.auth.backends.ModelBackend",
        )
    return client


@pytest.mark.rule("V5.3.2a", "V1.5")
def test_a_scan_is_shown_to_its_point_and_region_and_to_nobody_else(world: World, client: Client) -> None:
    pk = world.ids["1301"][0]
    signed_in(client, "1301", "point_clerk")
    page = SimpleUploadedFile("x.png", png(), "image/png")
    made = client.post(at("review-scan-add", registration_id=pk), {"material": "diploma", "file": page})
    assert made.status_code == 302
    bad = SimpleUploadedFile("x.png", b"GIF89a", "image/png")
    refused = client.post(at("review-scan-add", registration_id=pk), {"material": "diploma", "file": bad})
    assert refused.status_code == 422
    with acting(SYSTEM):
        (scan,) = Scan.objects.all()
    one, small = (
        at(name, registration_id=pk, scan_id=scan.pk) for name in ("review-scan", "review-scan-small")
    )
    shown = client.get(one)
    assert shown.headers["Content-Type"] == "image/jpeg" and shown.content[:2] == b"\xff\xd8"
    assert client.get(small).status_code == 200
    other = world.ids["1302"][0]
    assert client.get(at("review-scan", registration_id=other, scan_id=scan.pk)).status_code == 404
    for code, role, status in (("13", "region_officer", 200), ("11", "region_officer", 404)):
        visitor = Client()
        signed_in(visitor, code, role)
        assert visitor.get(one).status_code == status
    assert client.post(at("review-scan-remove", registration_id=pk, scan_id=scan.pk)).status_code == 302
    assert client.get(one).status_code == 404


@pytest.mark.rule("V5.3.2b", "V5.4")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_candidate_reads_each_step_and_asks_for_a_correction(world: World, language: str) -> None:
    pk, _ = online(world)
    client = as_candidate(pk)
    own = at("review-own") + f"?lang={language}"
    assert at("review-ask") not in client.get(own).content.decode()
    print_both(world, pk)
    confirm(world, pk)
    assert at("review-ask") in client.get(own).content.decode()
    assert client.get(at("review-step")).status_code == 200
    form = {
        "name": "王小明",
        "phone": "13800000000",
        "address": "某路",
        "category": "general",
        "reason": "录入有误",
    }
    facts = {"degree": "bachelor", "major": "veterinary", "school": "某大学"}
    assert client.post(at("review-ask"), {**form, **facts}).status_code == 302
    page = client.get(own).content.decode()
    assert "王小明" in page and at("review-ask") not in page
    with acting(SYSTEM):
        asked = Correction.objects.get()
        assert asked.fields == ["name"]
    region = person(18, "region_officer", "13")
    with acting(region):
        services.approve_corrections(exam=world.exam, correction_ids=[asked.pk], by=region, at=DURING)
    print_both(world, pk)
    clerk = Client()
    signed_in(clerk, "1301", "point_clerk")
    assert clerk.get(at("review-desk", registration_id=pk)).status_code == 200
    assert clerk.post(at("review-correction-signed", correction_id=asked.pk)).status_code == 302
    assert clerk.post(at("review-correction-decide", correction_id=asked.pk)).status_code == 403
    decide(world, pk)
    going_on = {"zh": "全考区一起公布", "en": "for the whole region together"}[language]
    assert going_on in client.get(at("review-own")).content.decode()
    with acting(OFFICER):
        services.set_batch(exam=world.exam, region_code="13", by=OFFICER, at=AFTER)
    assert going_on not in client.get(at("review-own")).content.decode()
