"""The form in its prints, and the scans: through the services, against PostgreSQL."""

import io
from pathlib import Path

import pypdfium2
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from PIL import Image

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.documents.models import Print, Voiding
from keju.kernel.files import pdfs, scans
from keju.kernel.files.models import StoredFile
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.fees.tests.world import CLERK, CLERK_1101, DURING, SYSTEM, World, make_world
from keju.stages.registration.models import Registration, Version
from keju.stages.review import queries, services
from keju.stages.review.models import FirstReview, Scan
from keju.stages.review.services.scans import MOST
from keju.stages.review.tests.depth import confirm, online, passing, png, print_both, with_photo


@pytest.fixture
def world(db: None) -> World:
    return make_world(1)


def refused(world: World, pk: int, **changes: object) -> set[str]:
    with acting(CLERK), pytest.raises(RuleRefused) as found:
        services.decide_first(exam=world.exam, decisions=[passing(pk, **changes)], by=CLERK, at=DURING)
    with acting(SYSTEM):
        assert Registration.objects.get(pk=pk).state == "submitted"
    return {r.code for r in found.value.refusals}


@pytest.mark.rule("V5.3.2b")
def test_first_a_print_to_check_then_two_to_sign_then_the_result(world: World) -> None:
    pk, _ = online(world)
    exam = world.exam
    assert refused(world, pk) == {"review_form_unprinted"}
    with acting(CLERK):
        with pytest.raises(RuleRefused) as early:
            services.print_form(exam=exam, registration_id=pk, kind=queries.COPIES, by=CLERK, at=DURING)
        assert [r.code for r in early.value.refusals] == ["review_form_unchecked"]
        check = services.print_form(exam=exam, registration_id=pk, kind=queries.CHECK, by=CLERK, at=DURING)
        assert (check.record.pages, check.record.plan_version) == (1, "v1")
    assert refused(world, pk) == {"review_form_void"}  # the copies to sign are missing
    with acting(CLERK):
        copies = services.print_form(exam=exam, registration_id=pk, by=CLERK, at=DURING)
        assert (copies.record.kind, copies.record.pages) == ("registration_form", 2)
    assert refused(world, pk, signed=False) == {"review_form_unsigned"}
    confirm(world, pk)
    with acting(SYSTEM):
        assert FirstReview.objects.get().form == "printed"
        assert Event.objects.filter(kind="review.form.printed").count() == 2


@pytest.mark.rule("V5.3.2b")
def test_data_put_right_at_the_counter_void_the_prints_and_are_signed_anew(world: World) -> None:
    pk, _ = online(world)
    print_both(world, pk)
    with acting(CLERK):
        version = services.mend(
            exam=world.exam,
            registration_id=pk,
            changes={"name": "王小明", "school": "另一所大学", "category": "general"},
            reason="考生核对发现姓名有误",
            version=1,
            by=CLERK,
            at=DURING,
        )
    assert version == 2
    with acting(SYSTEM):
        row = Registration.objects.get(pk=pk)
        assert (row.name, row.route_facts["school"], row.version) == ("王小明", "另一所大学", 2)
        assert row.phone == "13800000000"  # what was left alone stays sealed as it was
        assert Version.objects.filter(registration=row).count() == 2
        assert Voiding.objects.count() == 2
        event = Event.objects.get(kind="review.data.mended")
        assert event.data["fields"] == ["name", "school"]
        assert "王小明" not in str(event.data)
    assert refused(world, pk, version=2) == {"review_form_void"}
    with acting(CLERK), pytest.raises(Stale):  # the page still showed the old data
        services.decide_first(exam=world.exam, decisions=[passing(pk, version=1)], by=CLERK, at=DURING)
    print_both(world, pk)
    confirm(world, pk)
    with acting(SYSTEM):
        assert FirstReview.objects.get().form_version == 2
        good = [
            p.plan_version
            for p in Print.objects.order_by("pk")
            if not Voiding.objects.filter(kind=p.kind, subject=p.subject, up_to__gte=p.pk).exists()
        ]
        assert good == ["v2", "v2"]


@pytest.mark.rule("V5.3.1b", "V5.3.2b")
@pytest.mark.parametrize(
    ("changes", "reason", "code"),
    [
        ({"name": "考生700"}, "x", "review_change_nothing"),
        ({"name": "王"}, "  ", "review_change_reason"),
        ({"name": " "}, "x", "registration_name_missing"),
        ({"name": "王" * 81}, "x", "registration_amendment_field"),
        ({"identity": "110101198503040011"}, "x", "registration_amendment_field"),
        ({"route": "title"}, "x", "registration_title"),
        ({"major": "law"}, "x", "registration_major"),
        ({"category": "none"}, "x", "registration_category"),
    ],
)
def test_what_cannot_be_put_right_is_refused_whole(
    world: World, changes: dict[str, str], reason: str, code: str
) -> None:
    pk, _ = online(world)
    with acting(CLERK), pytest.raises(RuleRefused) as found:
        services.mend(
            exam=world.exam,
            registration_id=pk,
            changes=changes,
            reason=reason,
            version=1,
            by=CLERK,
            at=DURING,
        )
    assert code in {r.code for r in found.value.refusals}
    with acting(SYSTEM):
        assert Registration.objects.get(pk=pk).version == 1


@pytest.mark.rule("V5.3.1b")
def test_another_route_keeps_only_what_it_asks(world: World) -> None:
    pk, _ = online(world)
    with acting(CLERK):
        services.mend(
            exam=world.exam,
            registration_id=pk,
            changes={"route": "graduating", "graduating_year": "2011"},
            reason="应届",
            version=1,
            by=CLERK,
            at=DURING,
        )
    with acting(SYSTEM):
        assert Registration.objects.get(pk=pk).route_facts == {
            "major": "veterinary",
            "school": "某大学",
            "graduating_year": "2011",
        }


@pytest.mark.rule("V5.3.2b")
def test_whoever_registered_on_paper_may_sign_that_paper_but_not_a_void_print(world: World) -> None:
    pk = world.ids["1301"][0]
    with_photo(pk)
    print_both(world, pk)
    with acting(CLERK):
        services.mend(
            exam=world.exam,
            registration_id=pk,
            changes={"name": "改"},
            reason="x",
            version=1,
            by=CLERK,
            at=DURING,
        )
    assert refused(world, pk) == {"review_form_void"}
    other = world.ids["1302"][0]
    with acting(SYSTEM):
        services.decide_first(exam=world.exam, decisions=[passing(other)], by=SYSTEM, at=DURING)
        assert FirstReview.objects.get(registration_id=other).form == "paper"


@pytest.mark.rule("V5.3.2b")
def test_the_database_holds_no_pass_without_a_form(world: World) -> None:
    pk = world.ids["1301"][0]
    confirm(world, pk)
    with acting(SYSTEM):
        row = FirstReview.objects.get()
        row.pk, row.registration_id, row.form = None, world.ids["1302"][0], ""
        with pytest.raises(IntegrityError, match="review_first_signed"), transaction.atomic():
            row.save(force_insert=True)


@pytest.mark.rule("V5.3.1a", "V5.3.2a")
def test_a_scan_is_kept_small_and_belongs_to_its_material_and_candidate(world: World) -> None:
    pk = world.ids["1301"][0]
    exam = world.exam
    picture = io.BytesIO()
    Image.new("RGB", (3000, 2000), "white").save(picture, "JPEG", exif=_turned())
    with acting(CLERK):
        scan = services.add_scan(
            exam=exam, registration_id=pk, material="diploma", data=picture.getvalue(), by=CLERK, at=DURING
        )
        assert scan.content_type == "image/jpeg" and scan.thumb
        with pytest.raises(Stale):  # the very same page
            services.add_scan(
                exam=exam,
                registration_id=pk,
                material="diploma",
                data=picture.getvalue(),
                by=CLERK,
                at=DURING,
            )
        with pytest.raises(NotPermitted):
            services.add_scan(
                exam=exam, registration_id=pk, material="title_certificate", data=png(), by=CLERK, at=DURING
            )
        assert [s.pk for s in queries.scans_of(exam, pk)["diploma"]] == [scan.pk]
    with acting(SYSTEM):
        owner = Registration.objects.get(pk=pk).candidate_id
        assert set(StoredFile.objects.filter(candidate_id=owner).values_list("office_path", flat=True)) == {
            "/13/1301/"
        }
        assert Event.objects.filter(kind="review.scan.added").count() == 1
    with acting(CLERK_1101):
        assert not Scan.objects.exists()
        with pytest.raises(Registration.DoesNotExist):
            services.add_scan(
                exam=exam, registration_id=pk, material="diploma", data=png(), by=CLERK_1101, at=DURING
            )


@pytest.mark.rule("V5.3.2a")
def test_scans_are_bounded_and_stay_once_decided(world: World) -> None:
    pk = world.ids["1301"][0]
    exam = world.exam
    with acting(CLERK):
        for n in range(MOST):
            last = services.add_scan(
                exam=exam,
                registration_id=pk,
                material="diploma",
                data=png((30 + n, 40)),
                by=CLERK,
                at=DURING,
            )
        with pytest.raises(RuleRefused):
            services.add_scan(
                exam=exam, registration_id=pk, material="diploma", data=png((99, 9)), by=CLERK, at=DURING
            )
        services.remove_scan(exam=exam, scan_id=last.pk, by=CLERK, at=DURING)
        with pytest.raises(Stale):
            services.remove_scan(exam=exam, scan_id=last.pk, by=CLERK, at=DURING)
        assert len(queries.scans_of(exam, pk)["diploma"]) == MOST - 1
    confirm(world, pk)
    with acting(CLERK), pytest.raises(Stale):
        first = queries.scans_of(exam, pk)["diploma"][0]
        services.remove_scan(exam=exam, scan_id=first.pk, by=CLERK, at=DURING)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + b"\0" * 100,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        b"\xff\xd8\xff\xe0" + b"\0" * 50,
        b"%PDF-1.4\nnot one",
        b"<svg onload='x'/>",
        b"\0" * (scans.MAX_BYTES + 1),
    ],
)
def test_what_is_no_page_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(ValidationError):
        scans.prepare(data)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scans, "MAX_PIXELS", 99)
    monkeypatch.setattr(scans, "_plain", lambda image: pytest.fail("decoded"))
    with pytest.raises(ValidationError, match="10 MB"):
        scans.prepare(png((10, 10)))


def test_a_camera_picture_is_turned_upright_and_loses_what_the_camera_wrote() -> None:
    picture = io.BytesIO()
    Image.new("RGB", (3000, 2000), "white").save(picture, "JPEG", exif=_turned())
    page = scans.prepare(picture.getvalue())
    with Image.open(io.BytesIO(page.data)) as image, Image.open(io.BytesIO(page.thumb)) as small:
        assert image.height == scans.LONG_SIDE and image.width < image.height
        assert not image.getexif()
        assert max(small.size) == scans.THUMB_SIDE


def pdf(pages: int = 3, size: tuple[float, float] = (595, 842)) -> bytes:
    document, out = pypdfium2.PdfDocument.new(), io.BytesIO()
    for _ in range(pages):
        document.new_page(*size)
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize(("size", "small"), [((595, 842), (226, 320)), ((14400, 100), (320, 2))])
def test_a_pdf_shows_its_first_page_small_and_says_how_many_it_has(
    size: tuple[float, float], small: tuple[int, int]
) -> None:
    page = scans.prepare(pdf(3, size))
    assert (page.content_type, page.pages) == ("application/pdf", 3)
    with Image.open(io.BytesIO(page.thumb)) as image:
        assert image.format == "JPEG"
        assert all(abs(one - other) <= 2 for one, other in zip(image.size, small, strict=True))


def test_a_pdf_that_cannot_be_drawn_in_time_is_kept_without_a_picture(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The program says how many pages there are and then takes for ever, or dies."""
    for ending in ("import time; time.sleep(60)", "import os; os.abort()"):
        program = tmp_path / "stuck.py"
        program.write_text(f"print(2, flush=True); {ending}", "utf-8")
        monkeypatch.setattr(pdfs, "PROGRAM", program)
        monkeypatch.setattr(pdfs, "PATIENCE", 1.0)
        assert pdfs.look(pdf(), 320) == pdfs.Looked(2, b"")


def test_a_pdf_of_too_many_pages_is_refused() -> None:
    with pytest.raises(ValidationError, match="20"):
        scans.prepare(pdf(scans.MAX_PAGES + 1))


def _turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif
