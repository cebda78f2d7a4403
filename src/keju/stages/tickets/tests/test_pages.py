"""The pages of venues, seating and tickets as each office and the candidate meets them, in both languages."""

import io

import pytest
from django.test import Client
from django.urls import reverse

from keju.kernel.accounts.models import Candidate, Login, LoginKind
from keju.kernel.documents.codes import sign_code
from keju.kernel.exams.models import Exam
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.kernel.sheets import Column, read_table
from keju.rulebook import Words, t
from keju.stages.registration.models import Registration
from keju.stages.tickets import queries, services
from keju.stages.tickets.models import Generation, Ticket
from keju.stages.tickets.tests.conftest import keep
from keju.stages.tickets.tests.test_numbers import generate
from keju.stages.tickets.tests.test_opening import open_
from keju.stages.tickets.tests.test_printing import code_on
from keju.stages.venues import queries as venues
from keju.stages.venues.models import Room
from keju.stages.venues.tests.year import AT, SYSTEM, make_exam

ROLES = {"centre": "centre_exam", "13": "region_officer", "1301": "point_manager", "1302": "point_manager"}


def at(name: str, **more: object) -> str:
    return reverse(name, kwargs={"exam": "vet-2011", **more})


def text(response: object, status: int = 200) -> str:
    body = response.content.decode()  # type: ignore[attr-defined]
    assert response.status_code == status, body[:3000]  # type: ignore[attr-defined]
    return body


@pytest.fixture
def exam(exam: Exam, settings: object, tmp_path: object) -> Exam:
    settings.FILES_ROOT = settings.STATIC_ROOT = tmp_path  # type: ignore[attr-defined]
    return exam


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("code", ROLES)
def test_every_office_opens_every_list(exam: Exam, client: Client, code: str, language: str) -> None:
    generate(exam)
    signed_in(client, code, ROLES[code])
    for name in (
        "venues-home", "venues-export", "venues-figures", "seating-home", "seating-figures", "tickets-home",
        "tickets-list", "tickets-export", "tickets-figures",
    ):  # fmt: skip
        response = client.get(at(name) + f"?lang={language}")
        assert response.status_code == 200, (name, response.content.decode()[:2000])
        if "html" in response.headers["Content-Type"]:
            assert "style=" not in response.content.decode()


def test_the_counter_finds_whoever_has_a_ticket_wherever_they_sit(exam: Exam, client: Client) -> None:
    """1302 has its candidates at the host 1301: its clerk finds them by their tickets, and nobody else's."""
    generate(exam)
    with acting(SYSTEM):
        own, other = (
            Ticket.objects.filter(registration__point_code=point).first() for point in ("1302", "1303")
        )
    signed_in(client, "1302", "point_clerk")
    code = sign_code("ticket", f"vet-2011|{own.number}|{own.code}")
    for wanted in (own.number, f" {own.number[:4]} {own.number[4:]}", code):
        shown = client.get(at("review-counter"), {"q": wanted}, follow=True)
        assert shown.redirect_chain[-1][0] == at("review-desk", registration_id=own.registration_id)
        assert own.registration_id and shown.status_code == 200
    for nobody in (other.number, "1199999999", sign_code("ticket", f"other|{own.number}|{own.code}")):
        shown = client.get(at("review-counter"), {"q": nobody}, follow=True)
        assert "没有找到" in text(shown) and len(shown.redirect_chain) <= 2


@pytest.mark.rule("V14.7.3")
def test_a_plan_a_room_and_a_site_open_for_their_offices_and_no_other(exam: Exam, client: Client) -> None:
    generate(exam)
    with acting(SYSTEM):
        room = Room.objects.filter(site__code="1301-01", kind="exam").first()
    pages = [
        at("venues-site", site="1301-01"),
        at("seating-plan", site="1301-01"),
        at("seating-export", site="1301-01"),
        at("seating-room", site="1301-01", room_id=room.pk),
        at("venues-rooms-export", site="1301-01"),
        at("tickets-site", site="1301-01"),
        at("tickets-detail", number="1113010001"),
    ]
    signed_in(client, "13", "region_officer")
    for page in pages:
        response = client.get(page)
        assert response.status_code == 200, page
    shown = text(client.get(pages[3]))
    assert "<polyline" in shown and shown.count('<g class="seat"') == 30 and "style=" not in shown
    other = Client()
    signed_in(other, "1302", "point_manager")
    assert {other.get(page).status_code for page in pages} == {404}


@pytest.mark.rule("V6.1")
def test_a_region_decides_by_list_and_a_refusal_keeps_the_choice(
    db: None, client: Client, settings: object, tmp_path: object
) -> None:
    settings.STATIC_ROOT = tmp_path  # type: ignore[attr-defined]
    made = make_exam("1301", "1302")
    signed_in(client, "13", "region_officer")
    shown = text(client.get(at("venues-home")))
    assert 'name="host-1301"' in shown
    sent = {"host-1301": "1301", "host-1302": "1301", "version": "0", "reason": ""}
    refused = text(client.post(at("venues-decide"), sent), 409)
    assert "V6.1" in refused and '<option value="1301" selected>' in refused
    assert client.post(at("venues-decide"), {**sent, "reason": "偏远"}).status_code == 302
    assert venues.assignment(made) == {"1301": "1301", "1302": "1301"}
    assert client.post(at("venues-decide"), {**sent, "reason": "偏远"}).status_code == 409  # stale


@pytest.mark.rule("V6.3", "V1.7")
def test_a_host_enters_a_site_imports_rooms_and_reports(
    db: None, client: Client, settings: object, tmp_path: object
) -> None:
    settings.FILES_ROOT = settings.STATIC_ROOT = tmp_path  # type: ignore[attr-defined]
    made = make_exam("1301", "1302")
    region = Client()
    signed_in(region, "13", "region_officer")
    sent = {"host-1301": "1301", "host-1302": "1301", "version": "0", "reason": "偏远"}
    region.post(at("venues-decide"), sent)
    signed_in(client, "1301", "point_manager")
    facts = {"name_zh": "一中", "address": "学府路1号", "standard": "30"}
    assert client.post(at("venues-site-add"), facts).status_code == 302
    page = at("venues-site", site="1301-01")
    assert "aria-disabled" in text(client.get(page))
    template = client.get(at("venues-template")).content
    file = io.BytesIO(template)
    file.name = "rooms.xlsx"
    assert client.post(at("venues-import", site="1301-01"), {"file": file}).status_code == 302
    again = io.BytesIO(template)
    again.name = "rooms.xlsx"
    refused = text(client.post(at("venues-import", site="1301-01"), {"file": again}), 409)
    assert refused.count("V14.7.2") == 0 and refused.count("<tr>") == 6
    link = refused.split('href="/office/vet-2011/venues/errors/')[1].split('"')[0]
    wrong = client.get("/office/vet-2011/venues/errors/" + link)
    columns = [Column("n", t("房间号", "Room number"), kind="int")]
    assert (
        read_table(
            b"".join(wrong) if wrong.streaming else wrong.content, filename="e.xlsx", columns=columns
        ).count
        == 5
    )
    small = {"number": 9, "kind": "exam", "building": "A", "floor": 1, "columns": 5, "rows": 2, "gap_cm": 60}
    refused = text(client.post(at("venues-room-add", site="1301-01"), small), 409)
    assert "V14.5" in refused and 'value="60"' in refused
    refused = text(client.post(at("venues-report", site="1301-01")), 409)
    assert "V14.5" in refused
    seen = {"settled": "1", "note": ""}
    assert client.post(at("venues-attest", site="1301-01", item="fit"), seen).status_code == 302
    assert client.post(at("venues-report", site="1301-01")).status_code == 302
    assert venues.unreported_hosts(made, "13") == []
    guest = Client()
    signed_in(guest, "1302", "point_manager")
    assert guest.post(at("venues-site-add"), facts).status_code == 409


@pytest.mark.rule("V7.1")
def test_a_region_generates_by_a_job_and_two_clicks_are_one(exam: Exam, client: Client) -> None:
    signed_in(client, "13", "region_officer")
    first = client.post(at("tickets-generate"))
    assert first.status_code == 302 and client.post(at("tickets-generate")).url == first.url
    with acting(SYSTEM):
        from keju.kernel.jobs import services as jobs
        from keju.kernel.jobs.models import Job

        done = jobs.run_now(Job.objects.get(kind="tickets.generate"))
        assert (done.state, done.done, done.total) == ("done", 119, 119)
        assert Generation.objects.get().count == 119
    assert "119" in text(client.get(at("tickets-home")))


@pytest.mark.rule("V7.4")
def test_a_host_prints_a_room_at_once_and_a_site_by_a_job(exam: Exam, client: Client) -> None:
    generate(exam)
    with acting(SYSTEM):
        Registration.objects.update(photo_sha256=keep(by=SYSTEM, at=AT))
    signed_in(client, "1301", "point_manager")
    response = client.post(at("tickets-room-sheets", site="1301-01", room=1), {"kind": "stubs"})
    assert response.content.startswith(b"%PDF")
    assert client.post(at("tickets-room-sheets", site="1301-01", room=1), {"kind": "x"}).status_code == 409
    assert client.post(at("tickets-papers-print", site="1301-01"), {"kind": "sign_in"}).status_code == 302
    with acting(SYSTEM):
        from keju.kernel.jobs import services as jobs
        from keju.kernel.jobs.models import Job

        job = jobs.run_now(Job.objects.get(kind="tickets.sheets"))
    assert (job.state, bool(job.result)) == ("done", True), job.note_zh


@pytest.mark.rule("V7.3", "V8.2a")
def test_the_centre_sees_what_blocks_each_region_and_opens(
    exam: Exam, client: Client, default: dict[str, Words]
) -> None:
    generate(exam)
    signed_in(client, "centre", "centre_exam")
    blocked = text(client.get(at("tickets-home")))
    assert "aria-disabled" in blocked and "V7.1" in blocked
    generate(exam, "11")
    default["13"] = Words("欠缴考务费2380元", "2,380 yuan are owed")
    shown = text(client.get(at("tickets-home")))
    assert "欠缴考务费2380元" in shown and "aria-disabled" not in shown
    assert client.post(at("tickets-open")).status_code == 302
    assert queries.opened_at(exam, "11") is not None and queries.opened_at(exam, "13") is None
    region = Client()
    signed_in(region, "13", "region_officer")
    assert "欠缴考务费2380元" in text(region.get(at("tickets-home")))


def candidate(exam: Exam) -> tuple[Client, Ticket]:
    """Whoever has the region's first ticket, signed in."""
    client = Client()
    with acting(SYSTEM):
        ticket = Ticket.objects.filter(region_code="13").order_by("number").first()
        assert ticket is not None
        owner = Candidate.objects.get(pk=ticket.candidate_id)
        if owner.login is None:
            owner.login = Login.objects.create(
                username="me", password="a long phrase", kind=LoginKind.CANDIDATE
            )
            owner.save()
    client.force_login(owner.login, backend="django.contrib.auth.backends.ModelBackend")
    return client, ticket


@pytest.mark.rule("V7.3")
def test_a_candidate_is_told_why_not_yet_then_prints_and_anybody_verifies(exam: Exam) -> None:
    generate(exam)
    with acting(SYSTEM):
        Registration.objects.update(photo_sha256=keep(by=SYSTEM, at=AT))
    mine, ticket = candidate(exam)
    closed = text(mine.get(at("tickets-mine")))
    assert "V7.3" in closed and ticket.number not in closed and "还有1个考区" in closed
    assert mine.post(at("tickets-print")).status_code == 409
    generate(exam, "11")
    open_(exam)
    for language, words in (("zh", "打印准考证"), ("en", "Print the ticket")):
        shown = text(mine.get(at("tickets-mine") + f"?lang={language}"))
        assert ticket.number in shown and words in shown
    assert mine.get(at("tickets-print")).status_code == 405  # GET never writes
    pdf = mine.post(at("tickets-print")).content
    code = code_on(pdf)
    anybody = Client()
    shown = text(anybody.get(reverse("tickets-verify") + "?code=" + code + "&lang=zh"))
    assert "真实有效" in shown and ticket.number in shown
    assert anybody.get(reverse("tickets-verify-photo") + "?code=" + code).content.startswith(b"\xff\xd8")
    assert anybody.get(reverse("tickets-verify-photo") + "?code=x").status_code == 404
    assert "不是本系统" in text(anybody.post(reverse("tickets-verify") + "?lang=zh", {"code": "K1.x.y"}))
    assert services.KINDS


def test_what_changes_something_is_no_link(exam: Exam, client: Client) -> None:
    signed_in(client, "13", "region_officer")
    for name in ("venues-decide", "seating-make", "tickets-generate"):
        assert client.get(at(name)).status_code in (403, 405), name
    assert client.get(at("tickets-papers-print", site="1301-01")).status_code == 405
