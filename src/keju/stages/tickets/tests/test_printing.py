"""A ticket and the papers of the rooms: what stands on them, for whom, and that the code tells the truth."""

import pypdfium2
import pytest
import zxingcpp

from keju.algorithms.seating import s_order
from keju.kernel.accounts.models import Candidate
from keju.kernel.accounts.queries import candidate_actor
from keju.kernel.audit import NotPermitted, write
from keju.kernel.documents.models import Print
from keju.kernel.documents.rendering import render
from keju.kernel.documents.tests.sample import photo
from keju.kernel.exams.models import Exam
from keju.kernel.files.services import store
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused, load_programme, t
from keju.stages.registration.models import Registration
from keju.stages.tickets import documents, queries, services
from keju.stages.tickets.documents import Holder, Place, RoomSheet
from keju.stages.tickets.models import Ticket
from keju.stages.tickets.tests.test_numbers import generate
from keju.stages.tickets.tests.test_opening import open_
from keju.stages.venues.tests.year import AT, SYSTEM, staff

LONG = "阿卜杜热合曼·麦麦提吐尔逊·阿卜杜外力·伊敏江·买"


@write(None)
def keep(*, by: Actor, at: object) -> str:
    return store(data=photo(3), name="p.jpg", content_type="image/jpeg", office_path="/", by=by, at=AT)


@pytest.fixture
def opened(exam: Exam, settings: object, tmp_path: object) -> Exam:
    settings.FILES_ROOT = tmp_path  # type: ignore[attr-defined]
    generate(exam)
    generate(exam, "11")
    open_(exam)
    with acting(SYSTEM):
        Registration.objects.update(photo_sha256=keep(by=SYSTEM, at=AT))
    return exam


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
    (page,) = words(pdf)
    assert again == pdf
    for wanted in (
        ticket.number, LONG, "****", "兽医全科类", "General veterinary", "1301 第一中学", "学府路 1 号", "地铁",
        "教学楼", "基础科目", "Comprehensive application", "09:00–11:30", "2011 年 10 月 16 日", "考试规则", "诚信", "TEST VOID",
    ):  # fmt: skip
        assert wanted.replace(" ", "") in page.replace(" ", "").replace("\r\n", ""), wanted
    assert "110101198500000000" not in page
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
@pytest.mark.parametrize("kind", services.KINDS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_papers_of_a_site_name_every_room_and_everybody_once(
    opened: Exam, kind: str, language: str
) -> None:
    host = staff("point_manager", "1301")
    with acting(host):
        pdf = services.print_sheets(
            exam=opened, site_code="1301-02", kind=kind, language=language, by=host, at=AT
        )
        people = queries.room_tickets(viewer=host, exam=opened, site_code="1301-02")
    text = "".join(words(pdf)).replace(" ", "").replace("\r\n", "")
    assert len(people) == 33
    titled = {"stubs", "sign_in"}  # whose titles name the first and last number of the room too
    ends = {end for _, _, _, low, high in queries_rooms(opened, host) for end in (low, high)}
    if kind in ("stubs", "sign_in", "desk_stickers"):
        counts = {p.number: text.count(p.number) for p in people}
        assert counts == {n: 1 + (kind in titled and n in ends) for n in counts}
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


@pytest.mark.rule("V14.7.3")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_odd_rooms_and_names_keep_to_their_pages(language: str) -> None:
    """31 in 7 columns of 5: the fifth row begins at the right, where the S ended; nothing spills over."""
    words_ = t("兽医全科类", "General veterinary")
    names = ["王小明", LONG, "㛃𬀩", "李\U000313a0四"]
    holders = [
        Holder(f"111301{i:04d}", names[i % 4], "male", "1301**********12", i, "p", words_)
        for i in range(1, 32)
    ]
    room = RoomSheet(
        Place(t("一中", "No. 1"), "学府路1号", "", "A座", 3, 7, "307"), words_, 7, 5, holders,
        [(s.serial, s.column, s.row) for s in s_order(7, 5, 31)],
    )  # fmt: skip
    data = documents.sheets(
        exam=t("考试", "Exam"),
        points=(t("河北", "Hebei"), t("石家庄", "Shijiazhuang")),
        rooms=[room],
        sittings={words_.zh: []},
    )
    shown = data["rooms"][0]["holders"]  # type: ignore[index]
    assert [(h["seat"], h["column"], h["row"]) for h in shown[-4:]] == [
        ("28", 7, 4), ("29", 7, 5), ("30", 6, 5), ("31", 5, 5),
    ]  # fmt: skip
    pages = {
        "stubs": 2,
        "sign_in": 2,
        "desk_stickers": 2,
        "door_stickers": 1,
        "room_table": 1,
        "allocation": 1,
    }
    for kind, count in pages.items():
        pdf = render(template=f"tickets/{kind}", data=data, files={"p": photo(1)}, language=language)
        assert len(words(pdf)) == count, kind


def test_a_ticket_s_data_is_plain_and_in_both_languages() -> None:
    programme = load_programme("veterinarian")
    data = documents.ticket(
        exam=t("考试", "Exam"),
        holder=Holder("1113010001", "王", "male", "1*", 7, "photo", programme.categories[0].name),
        seat=(2, 3),
        place=Place(t("一中", "No. 1"), "路", "", "A", 1, 2, ""),
        sittings=[],
        points=(t("河北", "Hebei"), t("石家庄", "Shijiazhuang")),
    )
    assert data["number"] == "1113010001" and data["seat"] == "07" and data["room"] == "002"
    assert data["category"] == {"zh": "兽医全科类", "en": "General veterinary"}
    assert len(data["rules"]) == 6 and all(r["zh"] and r["en"] for r in data["rules"])  # type: ignore[arg-type,index,union-attr]
