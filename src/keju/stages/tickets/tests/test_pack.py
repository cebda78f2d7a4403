"""Printing a site: tickets for those who cannot, every paper in one archive, nothing that nobody has read again."""

import io
import zipfile
from dataclasses import replace
from datetime import timedelta

import pypdfium2
import pytest
from django.test import Client

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.documents.composing import Misprint
from keju.kernel.documents.counting import page_count, page_texts
from keju.kernel.documents.models import Print
from keju.kernel.exams.models import Exam
from keju.kernel.jobs import services as jobs
from keju.kernel.jobs.models import Job, State
from keju.kernel.jobs.tests.office import signed_in
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.rulebook.words import speaking
from keju.stages.registration.models import Registration
from keju.stages.seating.services import Move
from keju.stages.tickets import queries, services
from keju.stages.tickets.documents import KINDS
from keju.stages.tickets.models import Supervision, Ticket
from keju.stages.tickets.services import sheets
from keju.stages.tickets.tests.test_numbers import generate
from keju.stages.tickets.tests.test_pages import at, text
from keju.stages.venues.models import Site
from keju.stages.venues.tests.year import AT, SYSTEM, staff

SITE = "1301-01"


@pytest.fixture
def host() -> Actor:
    return staff("point_manager", "1301")


def phone(
    exam: Exam, by: Actor, path: str = "/13/1301/01/", version: int = 0, number: str = "0311-12316"
) -> Supervision:
    with acting(by):
        return services.set_phone(exam=exam, office_path=path, phone=number, version=version, by=by, at=AT)


def events(kind: str) -> list[Event]:
    with acting(SYSTEM):
        return list(Event.objects.filter(kind=kind).order_by("pk"))


@pytest.mark.rule("V7.3")
def test_an_office_prints_the_tickets_of_a_room_and_each_is_in_the_ledger(opened: Exam, host: Actor) -> None:
    with acting(host):
        people = queries.room_tickets(viewer=host, exam=opened, site_code=SITE, room_number=1)
        pdf = services.print_tickets(exam=opened, site_code=SITE, room_number=1, by=host, at=AT)
        again = services.print_tickets(
            exam=opened, site_code=SITE, numbers=[people[0].number], by=host, at=AT
        )
    texts = page_texts(pdf)
    assert len(texts) == 2 * len(people) and page_count(again) == 2
    assert [p.number in texts[2 * n] and p.number in texts[2 * n + 1] for n, p in enumerate(people)] == [
        True
    ] * len(people)
    with acting(SYSTEM):
        rows = list(Print.objects.filter(kind="ticket").order_by("pk"))
    assert [r.subject for r in rows] == [f"ticket:{p.number}" for p in [*people, people[0]]]
    assert rows[-1].copy == 2 and {r.copy for r in rows[:-1]} == {1} and {r.pages for r in rows} == {2}
    assert [r.candidate_id for r in rows[:-1]] == [p.candidate_id for p in people]
    assert {e.data.get("count") for e in events("tickets.ticket.printed")} == {len(people), None}


@pytest.mark.rule("V7.3")
def test_no_office_prints_tickets_before_the_opening_nor_of_others(exam: Exam, host: Actor) -> None:
    generate(exam)
    with acting(host), pytest.raises(RuleRefused) as refused:
        services.print_tickets(exam=exam, site_code=SITE, by=host, at=AT)
    assert {r.code for r in refused.value.refusals} == {"tickets_not_opened"}
    for by, facts in (
        (staff("point_manager", "1303"), {}),
        (host, {"numbers": ["1113030001"]}),
        (host, {"room_number": 99}),
        (staff("centre_exam", "centre"), {}),
    ):
        with acting(by), pytest.raises(NotPermitted):
            services.print_tickets(exam=exam, site_code=SITE, by=by, at=AT, **facts)


@pytest.mark.rule("V14.6.1", "V14.6.2", "V14.6.3", "V14.6.4", "V14.6.5", "V14.7.2", "V7.4")
@pytest.mark.parametrize("office", ["1301", "13"])
def test_a_pack_holds_every_paper_and_its_list_and_the_ledger_says_so(opened: Exam, office: str) -> None:
    by = replace(staff("point_manager" if office == "1301" else "region_officer", office), ref="person:1")
    phone(opened, by)
    steps: list[int] = []
    with acting(by):
        packs = []
        for hour in range(2):
            made_at = AT + timedelta(hours=hour)
            with services.print_pack(
                exam=opened, site_code=SITE, step=lambda: steps.append(1), by=by, at=made_at
            ) as archive:
                packs.append(archive.read())
    assert packs[0] == packs[1]  # the same plan, the same bytes
    with zipfile.ZipFile(io.BytesIO(packs[0])) as pack:
        listed = pack.read("00-contents-目录.txt").decode("utf-8-sig")
        files = {name.split("-")[1]: pack.read(name) for name in pack.namelist() if name.endswith(".pdf")}
    assert list(files) == list(KINDS) and len(steps) == 2 * len(KINDS)
    with acting(SYSTEM):
        rows = {r.kind: r for r in Print.objects.filter(subject=f"site:{SITE}", copy=1)}
        plan = Ticket.objects.filter(site_code=SITE).values_list("plan_id", flat=True)[0]
    assert set(rows) == set(KINDS)
    for code, pdf in files.items():
        assert rows[code].pages == page_count(pdf) and rows[code].plan_version == f"plan:{plan}"
        assert rows[code].pdf_hash in listed and f"{KINDS[code].name.zh}" in listed
    made = events("tickets.pack.printed")
    assert (
        len(made) == 2
        and "V14.6.3" in made[0].rules
        and made[0].data["pages"] == sum(r.pages for r in rows.values())
    )
    with acting(by):
        shown = queries.papers(viewer=by, exam=opened, site_code=SITE)
    assert all(p.current and p.last is not None and p.last.row.copy == 2 for p in shown)


@pytest.mark.rule("V14.7.4")
def test_without_a_phone_number_no_blackboard_and_the_nearest_number_counts(
    opened: Exam, host: Actor
) -> None:
    for act in (services.print_pack, lambda **f: services.print_sheets(kind="blackboard", **f)):
        with acting(host), pytest.raises(RuleRefused) as refused:
            act(exam=opened, site_code=SITE, by=host, at=AT)
        assert [r.code for r in refused.value.refusals] == ["tickets_no_phone"]
    region = staff("region_officer", "13")
    phone(opened, region, "/13/", number="12316")
    assert queries.supervision_phone(opened, SITE) == "12316"
    phone(opened, host, number="0311-1")
    assert (queries.supervision_phone(opened, SITE), queries.supervision_phone(opened, "1303-01")) == (
        "0311-1",
        "12316",
    )
    with acting(host):
        pdf = services.print_sheets(exam=opened, site_code=SITE, kind="blackboard", by=host, at=AT)
        assert "0311-1" in "".join(page_texts(pdf))
        with pytest.raises(Stale):
            services.set_phone(exam=opened, office_path="/13/1301/01/", phone="1", version=0, by=host, at=AT)
        with pytest.raises(NotPermitted):
            services.set_phone(exam=opened, office_path="/13/", phone="1", version=1, by=host, at=AT)
    assert {e.data["phone"] for e in events("tickets.supervision.set")} == {"12316", "0311-1"}
    assert queries.supervision_phone(opened, "1101-01") == ""


def test_who_stops_a_pack_has_printed_nothing(opened: Exam, host: Actor) -> None:
    phone(opened, host)

    def stop() -> None:
        raise KeyboardInterrupt

    with acting(host), pytest.raises(KeyboardInterrupt):
        services.print_pack(exam=opened, site_code=SITE, step=stop, by=host, at=AT)
    with acting(SYSTEM):
        assert not Print.objects.exists()
    assert events("tickets.pack.printed") == []


def _exchange(exam: Exam) -> None:
    with acting(SYSTEM):
        one, other = Ticket.objects.filter(exam=exam, site_code=SITE).order_by("number")[:2]
    officer = staff("region_officer", "13")
    moves = [
        Move(one.registration_id, (other.room_id, other.seat)),
        Move(other.registration_id, (one.room_id, one.seat)),
    ]
    with acting(officer):
        services.change_seats(exam=exam, region_code="13", moves=moves, reason="更正", by=officer, at=AT)


@pytest.mark.rule("V7.4")
def test_papers_wait_until_new_plans_are_numbered(exam: Exam, host: Actor) -> None:
    generate(exam)
    facts = {"exam": exam, "site_code": SITE, "kind": "timetable", "by": host, "at": AT}
    _exchange(exam)
    with acting(host), pytest.raises(RuleRefused) as refused:
        services.print_sheets(**facts)
    assert [r.code for r in refused.value.refusals] == ["tickets_papers_stale"]
    generate(exam)
    with acting(host):
        assert services.print_sheets(**facts)


@pytest.mark.rule("V7.4")
def test_papers_whose_seats_changed_while_they_were_made_are_handed_to_nobody(
    opened: Exam, host: Actor
) -> None:
    """Entered after the change, they would stand as good prints of the former seats."""
    facts = {"exam": opened, "site_code": SITE, "kinds": ["timetable", "allocation"], "by": host, "at": AT}
    with acting(host), pytest.raises(RuleRefused) as refused:
        services.print_pack(**facts, step=lambda: _exchange(opened))
    assert [r.code for r in refused.value.refusals] == ["tickets_papers_overtaken"]
    with acting(SYSTEM):
        assert not Print.objects.exists()


def test_a_paper_on_which_somebody_is_missing_is_not_handed_out(
    opened: Exam,
    host: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = sheets.documents.data_of

    def without_one(kind: object, papers: object, labels: object) -> dict:
        data = whole(kind, papers, labels)  # type: ignore[arg-type]
        # Neither the first nor the last: their numbers stand in the head of the paper too.
        data["rooms"][0]["holders"].pop(1)  # type: ignore[index]
        return data

    monkeypatch.setattr(sheets.documents, "data_of", without_one)
    for kind in ("desk_stickers", "sign_in"):
        with acting(host), pytest.raises(Misprint):
            services.print_sheets(exam=opened, site_code=SITE, kind=kind, room_number=1, by=host, at=AT)
    with acting(SYSTEM):
        assert not Print.objects.exists()


@pytest.mark.parametrize("facts", [{"kind": "x"}, {"kind": "stubs", "layout": "a5"}])
def test_what_nobody_sells_is_refused(opened: Exam, host: Actor, facts: dict[str, str]) -> None:
    with acting(host), pytest.raises(RuleRefused):
        services.print_sheets(exam=opened, site_code=SITE, by=host, at=AT, **facts)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_tells_what_is_printed_and_whose_name_would_not_print(
    opened: Exam,
    client: Client,
    language: str,
) -> None:
    by = signed_in(client, "1301", "point_manager")
    with acting(SYSTEM):
        ticket = Ticket.objects.filter(site_code=SITE).order_by("number")[0]
        Registration.objects.filter(pk=ticket.registration_id).update(name="李\U000313a0")
    page = at("tickets-site", site=SITE)
    shown = text(client.get(f"{page}?lang={language}"))
    assert ticket.number in shown and "U+313A0" in shown and "V14.7.4" in shown and 'value="all"' not in shown
    blank = client.post(
        at("tickets-papers-phone", site=SITE), {"phone": " ", "version": "0", "region_version": "0"}
    )
    assert blank.status_code == 302 and queries.supervision_phone(opened, SITE) == ""
    client.post(
        at("tickets-papers-phone", site=SITE), {"phone": "12316", "version": "0", "region_version": "0"}
    )
    assert 'value="all"' in text(client.get(page))
    with acting(by):
        services.print_sheets(exam=opened, site_code=SITE, kind="signs", by=by, at=AT)
    assert text(client.get(f"{page}?lang=en")).count(">Good<") == 1
    order = client.post(at("tickets-papers-print", site=SITE), {"kind": "all"})
    assert order.status_code == 302
    assert client.post(at("tickets-papers-print", site=SITE), {"kind": "nothing"}).status_code == 404
    with acting(SYSTEM):
        done = jobs.run_now(Job.objects.latest("pk"))
        done.refresh_from_db()
    assert done.state == State.DONE and done.done == len(KINDS) and done.result
    assert [e["where"] for e in done.errors] == [ticket.number]
    # A job is kept in the clear and seen by colleagues who may not print: it tells the character, not the name.
    assert "U+313A0" in str(done.errors) and "李" not in str(done.errors)


def test_the_region_sets_its_number_for_all_its_sites(opened: Exam, client: Client) -> None:
    signed_in(client, "13", "region_officer")
    for version, number in enumerate(("12316", "12317")):
        sent = {"phone": number, "version": "0", "region_version": version, "whole": "on"}
        assert client.post(at("tickets-papers-phone", site=SITE), sent).status_code == 302
    assert queries.supervision_phone(opened, "1303-01") == "12317"
    own = Client()
    signed_in(own, "1303", "point_manager")
    assert (
        own.post(
            at("tickets-papers-phone", site=SITE), {"phone": "1", "version": "0", "region_version": "0"}
        ).status_code
        == 404
    )
    assert (
        client.post(at("tickets-papers-phone", site=SITE), sent).status_code == 409
    )  # seen before the second
    sent = {"phone": "1", "version": "0", "region_version": "2", "whole": "on"}
    assert own.post(at("tickets-papers-phone", site="1303-01"), sent).status_code == 404


@pytest.mark.rule("V14.6.2", "V14.3")
def test_the_site_s_own_drawing_hangs_beside_the_plan(opened: Exam, host: Actor) -> None:
    with acting(host):
        plain = services.print_sheets(exam=opened, site_code=SITE, kind="site_plan", by=host, at=AT)
    with acting(SYSTEM):
        sha = Registration.objects.values_list("photo_sha256", flat=True)[0]  # any picture that there is
        Site.objects.filter(code=SITE).update(picture=sha)
    with acting(host):
        drawn = services.print_sheets(exam=opened, site_code=SITE, kind="site_plan", by=host, at=AT)
    document = pypdfium2.PdfDocument(drawn)
    pictures = [o for o in document[0].get_objects() if o.type == 3]
    assert len(pictures) == 1 and "001–002" in "".join(page_texts(drawn)) and len(drawn) > len(plain)
    for each in pictures:
        each.close()
    document.close()


@pytest.mark.rule("V14.3")
def test_a_ticket_is_the_same_whoever_prints_it(opened: Exam, host: Actor) -> None:
    with acting(SYSTEM):
        Site.objects.filter(code=SITE).update(food="东侧食堂")
    prints = []
    for language in ("zh", "en"):
        with acting(host), speaking(language):
            prints.append(services.print_tickets(exam=opened, site_code=SITE, room_number=1, by=host, at=AT))
    assert prints[0] == prints[1] and "餐饮：东侧食堂" in "".join(page_texts(prints[0])).replace(" ", "")


@pytest.mark.rule("V7.3", "V14.3")
def test_a_ticket_tells_its_own_plan_also_among_tickets_of_a_later_one(opened: Exam, host: Actor) -> None:
    """One content, one hash: whether it is printed alone or with those who were moved."""
    _exchange(opened)
    with acting(SYSTEM):
        stayed = Ticket.objects.filter(exam=opened, site_code=SITE, room_number=1, issue=1).order_by("seat")[
            0
        ]
    with acting(host):
        services.print_tickets(exam=opened, site_code=SITE, numbers=[stayed.number], by=host, at=AT)
        services.print_tickets(exam=opened, site_code=SITE, room_number=1, by=host, at=AT)
    with acting(SYSTEM):
        alone, among = Print.objects.filter(subject=f"ticket:{stayed.number}").order_by("pk")
    assert (alone.data_hash, alone.copy, among.copy) == (among.data_hash, 1, 2)
