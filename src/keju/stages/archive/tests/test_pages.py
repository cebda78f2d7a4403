"""The archive's page: sealed by a job, fetched as a zip, checked."""

import io
import zipfile
from pathlib import Path

import pytest
from django.urls import reverse

from keju.algorithms import bagit
from keju.kernel.exams.models import Exam
from keju.kernel.jobs import services as jobs
from keju.kernel.jobs.models import Job
from keju.kernel.offices import acting
from keju.kernel.offices.queries import office
from keju.stages.archive import queries
from keju.stages.archive.models import Bag, Check
from keju.stages.results.tests.year import SYSTEM, office_client, released_exam

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh():
    office.cache_clear()


def at(name: str, exam: Exam, **more: object) -> str:
    return reverse(f"archive-{name}", kwargs={"exam": exam.slug, **more})


@pytest.mark.rule("V5.5")
def test_sealed_fetched_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exam = released_exam()
    monkeypatch.setattr(queries, "home", lambda: tmp_path)
    centre = office_client("centre_exam", "centre")
    assert centre.post(at("seal", exam)).status_code == 302
    with acting(SYSTEM):
        done = jobs.run_now(Job.objects.get())
        assert done.state == "done"
        bag = Bag.objects.get()
    answer = centre.get(at("download", exam, bag_id=bag.pk))
    assert answer.streaming
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        archive.extractall(tmp_path / "out")
    assert bagit.validate(tmp_path / "out" / bag.folder, digest=bag.digest) == []
    assert centre.post(at("check", exam, bag_id=bag.pk)).status_code == 302
    target = tmp_path / bag.folder / "data" / "README.txt"
    target.write_text("x")
    centre.post(at("check", exam, bag_id=bag.pk))
    with acting(SYSTEM):
        assert list(Check.objects.order_by("pk").values_list("problem_count", flat=True)) == [0, 2]
    for language in ("zh", "en"):
        page = centre.get(at("home", exam), {"lang": language}).content.decode()
        assert bag.digest in page and "data/README.txt" in page
        assert centre.get(at("figures", exam), {"lang": language}).status_code == 200


def test_a_region_neither_seals_nor_sees_a_bag() -> None:
    exam = released_exam()
    region = office_client("region_officer", "11")
    assert region.get(at("home", exam)).status_code == 200  # an empty list: bags are the nation's
    assert region.post(at("seal", exam)).status_code == 403
    assert office_client("centre_exam", "centre").get(at("download", exam, bag_id=1)).status_code == 404
