"""Sites set up again from an earlier year, what the public is told of them, and who may do what at one site."""

import io
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from PIL import Image

from keju.kernel.audit import NotPermitted
from keju.kernel.audit.models import Event
from keju.kernel.duties import services as duties
from keju.kernel.exams import services as exams
from keju.kernel.exams.models import Exam
from keju.kernel.files.models import StoredFile
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.models import Office
from keju.kernel.offices.queries import ladder, office, path_of
from keju.rulebook import RuleRefused
from keju.stages.venues import queries, services
from keju.stages.venues.models import Attestation, Room, Site
from keju.stages.venues.rules import MEDICAL, SEPARATE, NewRoom
from keju.stages.venues.tests.year import (
    AT,
    SYSTEM,
    confirmed,
    decide,
    look,
    make_exam,
    make_site,
    report,
    staff,
)

WISHED = {"transport": "地铁2号线学府站A口", "food": "校内食堂", "lodging": "学府宾馆"}


@pytest.fixture
def exam(db: None, settings: object, tmp_path: object) -> Exam:
    settings.FILES_ROOT = tmp_path  # type: ignore[attr-defined]
    made = make_exam("1301", "1302")
    confirmed(made, {("1301", "general"): 40})
    decide(made, "13", {"1301": "1301", "1302": "1301"})
    return made


@pytest.fixture
def host() -> Actor:
    return staff("point_manager", "1301")


def next_year(*, is_rehearsal: bool = True) -> Exam:
    with acting(SYSTEM):
        exam = exams.make(
            slug="vet-2012", programme="veterinarian", year=2012, exam_day=date(2012, 10, 14),
            rules_as_of=date(2012, 6, 1), is_rehearsal=is_rehearsal, by=SYSTEM, at=AT,
        )  # fmt: skip
        for code in ("13", "1301"):
            exams.open_office(exam=exam, office=office(code), leader="王一", by=SYSTEM, at=AT)
        duties.reach(exam=exam, key="confirmation_ends", when=AT, by=SYSTEM, at=AT)
    return exam


def picture(format_: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(buffer, format_)
    return buffer.getvalue()


@pytest.mark.rule("V6.3", "V14.5")
def test_a_site_of_an_earlier_year_is_set_up_again_without_what_was_seen_then(
    exam: Exam, host: Actor
) -> None:
    former = make_site(exam, "1301", rooms=2, report=False, by=host)
    with acting(host):
        rooms = [
            NewRoom(20, "B座", 2, 1, 2, 90, SEPARATE, "小教室", True, True, True, "back-left", "东楼梯"),
            NewRoom(21, "B座", 1, kind=MEDICAL),
        ]
        services.add_rooms(exam=exam, site_code=former.code, rooms=rooms, by=host, at=AT)
        services.edit_site(exam=exam, site_code=former.code, version=1, **WISHED, by=host, at=AT)
        services.set_picture(exam=exam, site_code=former.code, data=picture(), by=host, at=AT)
    report(exam, former, by=host)
    with acting(host):
        Room.objects.filter(site=former, number=2).update(gap_cm=60)  # as an older law allowed
    later = next_year()
    with acting(host):
        assert [s.code for s in queries.earlier_sites(later, viewer=host)] == ["1301-01"]
        assert list(queries.earlier_sites(exam, viewer=host)) == []  # not of the same year
        with pytest.raises(RuleRefused) as refused:
            services.copy_site(exam=later, site_id=former.pk, by=host, at=AT)
        assert [r.code for r in refused.value.refusals] == ["venues_not_host"]
    decide(later, "13", {"1301": "1301"})
    with acting(host):
        plan = queries.copy_plan(later, former.pk, viewer=host)
        assert plan is not None and [r.code for r in plan.refusals] == ["venues_room_gap"]
        done = services.copy_site(exam=later, site_id=former.pk, by=host, at=AT)
        assert (done.rooms, done.left_out) == (6, [2])
        new, old = Site.objects.get(pk=done.site.pk), Site.objects.get(pk=former.pk)
        assert (new.exam_id, new.code, new.reported_at) == (later.pk, "1301-01", None)
        for name in services.COPIED:
            assert getattr(new, name) == getattr(old, name)
        assert new.picture == old.picture != ""
        kept = [room.facts for room in queries.rooms(old) if room.number != 2]
        assert [room.facts for room in queries.rooms(new)] == kept
        assert not Attestation.objects.filter(site=new).exists()
    with acting(SYSTEM):
        event = Event.objects.get(kind="venues.site.copied")
    assert event.data == {"from": "vet-2011/1301-01", "rooms": 6, "left_out": [2]}


def test_only_ones_own_sites_are_copied_and_never_a_rehearsal_into_the_real_exam(
    exam: Exam, host: Actor
) -> None:
    former = make_site(exam, "1301", rooms=2, by=host)
    later = next_year(is_rehearsal=False)
    with acting(host):
        assert list(queries.earlier_sites(later, viewer=host)) == []
        with pytest.raises(NotPermitted):
            services.copy_site(exam=later, site_id=former.pk, by=host, at=AT)
    neighbour = staff("point_manager", "1302")
    with acting(neighbour), pytest.raises(NotPermitted):
        services.copy_site(exam=later, site_id=former.pk, by=neighbour, at=AT)


@pytest.mark.rule("V14.3")
def test_the_public_finds_a_reported_site_with_its_surroundings_and_later_its_rooms(
    exam: Exam, host: Actor, client: Client
) -> None:
    site = make_site(exam, "1301", rooms=2, report=False, by=host)
    more = [
        NewRoom(7, "教学楼A座", 3, 5, 6, 80, stair="西楼梯"),
        NewRoom(9, "教学楼A座", 3, 5, 6, 80, stair="西楼梯"),
    ]
    with acting(host):
        services.edit_site(exam=exam, site_code=site.code, version=1, **WISHED, by=host, at=AT)
        services.set_picture(exam=exam, site_code=site.code, data=picture(), by=host, at=AT)
        services.add_rooms(exam=exam, site_code=site.code, rooms=more, by=host, at=AT)

    def get(name: str, status: int = 200, **facts: object) -> str:
        answer = client.get(
            reverse(name, kwargs={"exam": exam.slug, **facts}), headers={"accept-language": "zh"}
        )
        assert answer.status_code == status
        return answer.content.decode(errors="replace")

    assert get("venues-place", 404, site=site.code) and get("venues-place-picture", 404, site=site.code)
    report(exam, site, by=host)
    places = reverse("venues-places", kwargs={"exam": exam.slug})
    assert "1301第一中学" in client.get(places + "?region=13&q=学府").content.decode()
    assert "1301第一中学" not in client.get(places + "?region=13&q=衡水").content.decode()
    shown = get("venues-place", site=site.code)
    for told in ("学府路1号", *WISHED.values(), "准考证开放打印后公布"):
        assert told in shown
    assert "西楼梯" not in shown
    data = client.get(reverse("venues-place-picture", kwargs={"exam": exam.slug, "site": site.code})).content
    assert Image.open(io.BytesIO(data)).size == (400, 300)
    with acting(SYSTEM):
        duties.reach(exam=exam, key="tickets_opened", when=AT, office_path="/13/", by=SYSTEM, at=AT)
        assert [(s.building, s.floor, s.stair, s.rooms) for s in queries.distribution(exam, site)] == [
            ("教学楼A座", 1, "", [1, 2]),
            ("教学楼A座", 3, "西楼梯", [7, 9]),
        ]
    assert "西楼梯" in get("venues-place", site=site.code)


@pytest.mark.rule("V14.3")
def test_a_picture_is_a_picture(exam: Exam, host: Actor) -> None:
    site = make_site(exam, "1301", rooms=2, report=False, by=host)
    with acting(host):
        with pytest.raises(ValidationError):
            services.set_picture(exam=exam, site_code=site.code, data=b"GIF89a", by=host, at=AT)
        stored = services.set_picture(exam=exam, site_code=site.code, data=picture(), by=host, at=AT)
        assert StoredFile.objects.get(sha256=stored.picture).content_type == "image/jpeg"


@pytest.mark.rule("V1.7", "V6.3")
def test_a_site_officer_mends_the_own_site_and_its_point_reports_it(exam: Exam, host: Actor) -> None:
    first = make_site(exam, "1301", rooms=3, report=False, by=host)
    second = make_site(exam, "1301", rooms=3, report=False, by=host)
    officer = staff("site_officer", "1301-01")
    assert officer.office_path == "/13/1301/01/"
    with acting(officer):
        assert [s.code for s in queries.sites(exam, viewer=officer)] == [first.code]
        room = NewRoom(30, "A", 1, 5, 6, 80)
        services.add_rooms(exam=exam, site_code=first.code, rooms=[room], by=officer, at=AT)
        services.edit_site(exam=exam, site_code=first.code, version=1, **WISHED, by=officer, at=AT)
    look(exam, first, by=officer)
    with acting(officer):
        checks = {c.item.code: c for c in queries.checklist(exam, first, AT)}
        assert checks["fit"].state == "done" and checks["fit"].due is not None
        for act in (
            lambda: services.report_site(exam=exam, site_code=first.code, by=officer, at=AT),
            lambda: services.add_rooms(exam=exam, site_code=second.code, rooms=[room], by=officer, at=AT),
            lambda: services.add_site(
                exam=exam, point_code="1301", name_zh="x", address="x", standard=30, by=officer, at=AT
            ),
        ):
            with pytest.raises(NotPermitted):
                act()
    report(exam, second, by=host)
    with acting(host):
        services.report_site(exam=exam, site_code=first.code, by=host, at=AT)


def test_a_site_is_an_office_by_its_code(exam: Exam) -> None:
    made = office("1301-02")
    assert (made.path, made.kind, path_of("1301-02")) == ("/13/1301/02/", "site", "/13/1301/02/")
    assert made.name.zh.endswith("02号考试地点")
    assert ladder("1301-02") == ["1301", "13", "centre", "office", "committee"]
    for wrong in ("1301-2", "1301-xx", "13-01", "9999-01"):
        with pytest.raises(Office.DoesNotExist):
            office(wrong)


@pytest.mark.rule("V14.3")
def test_the_officer_of_the_new_site_sees_the_picture_that_came_along(
    exam: Exam, host: Actor, client: Client
) -> None:
    first = make_site(exam, "1301", rooms=1, report=False, by=host)
    former = make_site(exam, "1301", rooms=1, report=False, by=host)
    with acting(host):
        services.set_picture(exam=exam, site_code=former.code, data=picture(), by=host, at=AT)
    later = next_year()
    confirmed(later, {("1301", "general"): 10}, first=700)
    decide(later, "13", {"1301": "1301"})
    with acting(host):
        done = services.copy_site(exam=later, site_id=former.pk, by=host, at=AT)
    assert done.site.code == first.code != former.code
    signed_in(client, "1301-01", "site_officer", "vet-2012")
    shown = client.get(reverse("venues-picture", kwargs={"exam": "vet-2012", "site": "1301-01"}))
    assert shown.status_code == 200
