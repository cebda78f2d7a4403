"""A ticket and the papers of the rooms: what stands on them, for whom, and that the code tells the truth."""

import pypdfium2
import pytest
import zxingcpp

from keju.kernel.accounts.models import Candidate
from keju.kernel.accounts.queries import candidate_actor
from keju.kernel.audit import NotPermitted
from keju.kernel.documents.models import Print
from keju.kernel.documents.tests.sample import photo
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.registration.models import Registration
from keju.stages.tickets import queries, services
from keju.stages.tickets.models import Ticket
from keju.stages.tickets.tests.test_numbers import generate
from keju.stages.venues.tests.year import AT, SYSTEM, staff

LONG = "阿卜杜热合曼·麦麦提吐尔逊·阿卜杜外力·伊敏江·买"


def first(exam: Exam) -> tuple[Ticket, Actor]:
    with acting(SYSTEM):
        ticket = Ticket.objects.filter(region_code="13").order_by("number").first()
        assert ticket is not None
        return ticket, candidate_actor(Candidate.objects.get(pk=ticket.candidate_id))


def words(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()


def code_on(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        (found,) = zxingcpp.read_barcodes(document[0].render(scale=3).to_pil())
    finally:
        document.close()
    return found.text


@pytest.mark.rule("V7.3", "P8.2")
def test_a_ticket_says_everything_on_one_page_and_its_code_reads_and_verifies(opened: Exam) -> None:
    ticket, own = first(opened)
    with acting(SYSTEM):
        Registration.objects.filter(pk=ticket.registration_id).update(name=LONG)
    with acting(own):
        pdf = services.print_ticket(exam=opened, registration_id=ticket.registration_id, by=own, at=AT)
        again = services.print_ticket(exam=opened, registration_id=ticket.registration_id, by=own, at=AT)
    page, english = words(pdf)
    assert again == pdf
    for wanted in (
        ticket.number, LONG, "****", "兽医全科类", "General veterinary", "1301 第一中学", "学府路 1 号", "地铁",
        "教学楼", "基础科目", "09:00–11:30", "2011 年 10 月 16 日", "考试规则", "诚信", "TEST VOID", "座位方案第 1 版",
    ):  # fmt: skip
        assert wanted.replace(" ", "") in page.replace(" ", "").replace("\r\n", ""), wanted
    for wanted in (
        ticket.number,
        LONG,
        "Comprehensive application",
        "Sunday, 16 October 2011",
        "001–002",
        "Bring this",
    ):
        assert wanted in english.replace("\r\n", " "), wanted
    assert "110101198500000000" not in page + english
    found = queries.verify(code_on(pdf))
    assert (found.state, found.number, found.name, found.seat) == ("valid", ticket.number, LONG, ticket.seat)
    with acting(SYSTEM):
        assert list(Print.objects.order_by("copy").values_list("copy", "plan_version")) == [
            (1, f"plan:{ticket.plan_id}"),
            (2, f"plan:{ticket.plan_id}"),
        ]


@pytest.mark.rule("V7.3")
def test_a_reissued_revoked_or_made_up_code_is_told_as_such(opened: Exam) -> None:
    ticket, own = first(opened)
    region = staff("region_officer", "13")
    with acting(own):
        code = code_on(
            services.print_ticket(exam=opened, registration_id=ticket.registration_id, by=own, at=AT)
        )
    pk = ticket.registration_id
    with acting(region):
        services.reissue(exam=opened, registration_id=pk, reason="更正", by=region, at=AT)
    assert queries.verify(code).state == "reissued" and queries.photo_of(code) is None
    with acting(own):
        fresh = code_on(services.print_ticket(exam=opened, registration_id=pk, by=own, at=AT))
    assert queries.verify(fresh).state == "valid" and queries.photo_of(fresh) == photo(3)
    with acting(region):
        services.revoke(exam=opened, registration_id=pk, reason="更正", by=region, at=AT)
    assert queries.verify(fresh).state == "revoked"
    assert [queries.verify(bad).state for bad in ("", "x", fresh[:-2], fresh + "A")] == ["unknown"] * 4
    with acting(own), pytest.raises(RuleRefused) as refused:
        services.print_ticket(exam=opened, registration_id=pk, by=own, at=AT)
    assert [r.code for r in refused.value.refusals] == ["tickets_revoked"]


@pytest.mark.rule("V7.3")
def test_nobody_prints_before_the_opening_nor_another_s(exam: Exam) -> None:
    generate(exam)
    ticket, own = first(exam)
    with acting(own), pytest.raises(RuleRefused) as refused:
        services.print_ticket(exam=exam, registration_id=ticket.registration_id, by=own, at=AT)
    assert [r.code for r in refused.value.refusals] == ["tickets_not_opened"]
    why = {r.code for r in queries.why_closed(exam, "13", AT)}
    assert why == {"tickets_others_not_generated"}
    assert {r.code for r in queries.why_closed(exam, "11", AT)} == {"tickets_own_not_generated"}
    with acting(own), pytest.raises(NotPermitted):
        services.print_ticket(exam=exam, registration_id=ticket.registration_id + 1, by=own, at=AT)


@pytest.mark.rule("V7.4", "V14.6.2", "V14.6.5", "V14.7.2", "V14.7.3")
@pytest.mark.parametrize(
    "kind", ["stubs", "sign_in", "desk_stickers", "door_stickers", "room_table", "allocation"]
)
def test_the_papers_of_a_site_name_every_room_and_everybody_once(opened: Exam, kind: str) -> None:
    host = staff("point_manager", "1301")
    with acting(host):
        pdf = services.print_sheets(exam=opened, site_code="1301-02", kind=kind, by=host, at=AT)
        people = queries.room_tickets(viewer=host, exam=opened, site_code="1301-02")
    text = "".join(words(pdf)).replace(" ", "").replace("\r\n", "")
    assert len(people) == 33
    if kind in ("stubs", "sign_in", "desk_stickers"):
        titles = len(words(pdf)) if kind != "desk_stickers" else 0
        ends = [end for _, _, _, low, high in queries_rooms(opened, host) for end in (low, high)]
        counts = {p.number: text.count(p.number) for p in people if p.number not in ends}
        assert set(counts.values()) == {1}
        assert sum(text.count(end) for end in ends) == len(ends) + 2 * titles
        assert all(p.name in text for p in people)
    for _, number, _, low, high in queries_rooms(opened, host):
        assert f"{number:03d}" in text
        assert kind == "room_table" or (low in text and high in text)


def queries_rooms(exam: Exam, by: Actor) -> list[tuple[int, int, int, str, str]]:
    with acting(by):
        return queries.rooms(viewer=by, exam=exam, site_code="1301-02")


def test_a_host_prints_for_guests_of_other_points_and_nobody_else_does(opened: Exam) -> None:
    host, guest, other = (staff("point_manager", code) for code in ("1301", "1302", "1303"))
    with acting(host):
        assert not Registration.objects.filter(
            point_code="1302"
        ).exists()  # another point's rows stay its own
        people = queries.room_tickets(viewer=host, exam=opened, site_code="1301-02")
    assert sum(p.category == "aquatic" for p in people) == 29
    assert all(p.name and "*" in p.identity_masked for p in people)
    for by in (guest, other):
        with acting(by), pytest.raises(NotPermitted):
            services.print_sheets(exam=opened, site_code="1301-02", kind="stubs", by=by, at=AT)
