"""Watching long work, as a person meets it."""

import pytest
from django.test import Client
from django.urls import reverse

from keju.kernel.jobs import services
from keju.kernel.jobs.models import Job
from keju.kernel.jobs.tests import kinds  # noqa: F401  registers them
from keju.kernel.jobs.tests.office import AT, ROOT, exam, signed_in
from keju.kernel.offices import acting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.FILES_ROOT = tmp_path


def begun(client, *, run):
    made = exam()
    me = signed_in(client, "13", "region_officer")
    with acting(me):
        job = services.start("tests.count", by=me, at=AT, exam=made, upto=25)
    return services.run_now(job) if run else job


def page(client, name, job=None, status=200, **headers):
    kwargs = {"exam": "vet-2026"} | ({"job": job.public} if job else {})
    found = client.get(reverse(name, kwargs=kwargs), **headers)
    assert found.status_code == status, found.content.decode()[:500]
    return found.content.decode()


def polls(job):
    return f'hx-get="{reverse("jobs-job", args=["vet-2026", job.public])}"'


def test_open_work_is_polled_with_and_without_javascript_and_finished_work_is_not(client):
    job = begun(client, run=False)
    whole = page(client, "jobs-job", job)
    assert (
        'hx-trigger="every 2s"' in whole and 'http-equiv="refresh"' in whole and whole.count(polls(job)) == 1
    )
    fragment = page(client, "jobs-job", job, HTTP_HX_REQUEST="true")
    assert "<html" not in fragment and fragment.strip().startswith(f'<div id="work-{job.public}"')
    services.run_now(job)
    for text in (page(client, "jobs-job", job), page(client, "jobs-job", job, HTTP_HX_REQUEST="true")):
        assert polls(job) not in text and 'http-equiv="refresh"' not in text and "第10个不好" in text
    assert "Counting" in page(client, "jobs-list") or "数数" in page(client, "jobs-list")


def test_whoever_started_it_fetches_the_result_and_nobody_else(client):
    job = begun(client, run=True)
    got = client.get(reverse("jobs-result", args=["vet-2026", job.public]))
    assert got.content == b"result" and got.headers["Content-Disposition"].startswith("attachment")
    colleague, stranger = Client(), Client()
    signed_in(colleague, "13", "region_finance")
    signed_in(stranger, "11", "region_officer")
    assert "数数" in page(colleague, "jobs-job", job) and reverse(
        "jobs-result", args=["vet-2026", job.public]
    ) not in page(colleague, "jobs-job", job)
    page(colleague, "jobs-result", job, status=404)
    page(stranger, "jobs-job", job, status=404)
    page(stranger, "jobs-result", job, status=404)
    assert "数数" not in page(stranger, "jobs-list")


def test_only_its_starter_stops_it_and_never_by_a_link(client):
    job = begun(client, run=False)
    address = reverse("jobs-cancel", args=["vet-2026", job.public])
    assert client.get(address).status_code == 405
    colleague = Client()
    signed_in(colleague, "13", "region_finance")
    assert colleague.post(address).status_code == 403
    assert client.post(address).status_code == 302
    with acting(ROOT):
        assert Job.objects.get(pk=job.pk).state == "cancelled"
