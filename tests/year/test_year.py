"""One exam year end to end: it proves itself, and every document is there and says what it should."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest

from keju.kernel.documents.fonts import missing_glyphs
from keju.kernel.offices import Actor, acting
from keju.kernel.readiness.asking import found
from keju.kernel.readiness.registry import State
from keju.stages.certificates import queries as certificates
from keju.stages.examday import queries as examday
from keju.stages.tickets import queries as tickets
from keju.stages.tickets.queries import RoomTicket
from keju.stages.tickets.services import KINDS
from keju.web.rehearsal import STAGES
from keju.web.rehearsal.steps import STEPS

READER = Actor.system("test")
SESSIONS = 2
PAPERS = {
    "V9.1", "V10.2.1", "V10.2.2", "V10.2.3", "V10.2.4", "V10.2.5", "V10.2.6", "V11.1", "V11.2.2", "V15.2", "V15.3.1",
    "V15.3.4", "V15.5.2", "V15.6", "V16.1.1", "V16.1.2", "V16.2.1", "V16.2.2",
}  # fmt: skip


def pages(path: Path) -> list[str]:
    """The text of each page, without blanks and line ends."""
    document = pypdfium2.PdfDocument(path)
    try:
        return ["".join(page.get_textpage().get_text_range().split()) for page in document]
    finally:
        document.close()


def squeezed(text: str) -> str:
    return "".join(text.split())


def drawable(name: str) -> bool:
    """Whether the name stands on paper as it is; what has no glyph is printed as its framed code point."""
    return not missing_glyphs(name)


@pytest.fixture
def rooms(year) -> dict[str, list[RoomTicket]]:
    """Who sits in each room, by the name that the room's papers have: site and room number."""
    found: dict[str, list[RoomTicket]] = {}
    with acting(READER):
        for site, *_ in tickets.site_rows(year.world.exam, viewer=READER):
            for t in tickets.room_tickets(viewer=READER, exam=year.world.exam, site_code=site):
                found.setdefault(f"{site}-{t.room_number:03d}", []).append(t)
    return found


def everybody(rooms: dict[str, list[RoomTicket]]) -> Iterator[tuple[str, RoomTicket]]:
    for room, seated in rooms.items():
        yield from ((room, t) for t in seated)


def test_the_year_proves_itself(year) -> None:
    assert [c.words.en for c in year.checks if not c.holds] == []
    assert len(year.checks) == 23
    assert [step.stage for step in STEPS] == list(STAGES)


def test_something_happened_in_every_stage(year) -> None:
    assert year.counts("registration")["registered"] > 40
    assert year.counts("review")["confirmed"] == year.counts("seating")["seats"]
    assert year.counts("tickets")["tickets"] == year.counts("results")["released"] > 40
    assert 0 < year.counts("results")["passed"] < year.counts("results")["released"]
    assert year.counts("marking")["cards"] == SESSIONS * year.counts("tickets")["tickets"]


def test_nothing_of_the_papers_stays_open(year) -> None:
    """All was done by the steps that offices have: no row of the readiness board about papers is left red or amber."""
    with acting(READER):
        rows = found(year.world.exam, "/", year.world.examined() + timedelta(days=40), rules=PAPERS)
    assert [(f.rule, f.row.office_path, str(f.row.words)) for f in rows if f.row.state != State.GREEN] == []
    assert {f.rule for f in rows} >= PAPERS - {
        "V10.2.3",
        "V10.2.5",
    }  # nobody flew, and every seal room was near its store


@pytest.mark.rule("V7.3")
def test_everybody_has_a_ticket_of_one_sheet_with_name_and_number(year, rooms) -> None:
    wanted = {f"{room[:7]}/{t.number}.pdf": t for room, t in everybody(rooms)}
    there = {str(p.relative_to(year.out / "tickets")) for p in (year.out / "tickets").rglob("*.pdf")}
    assert there == set(wanted)
    for name, t in wanted.items():
        for side in pages(year.out / "tickets" / name):
            assert t.number in side
            assert squeezed(t.name) in side or not drawable(t.name)


@pytest.mark.rule("V7.4")
@pytest.mark.parametrize("kind", ["stubs", "sign_in", "desk_stickers"])
def test_the_papers_of_a_room_name_everybody_who_sits_in_it(year, rooms, kind: str) -> None:
    assert {p.stem for p in (year.out / kind).glob("*.pdf")} == set(rooms)
    for room, seated in rooms.items():
        text = "".join(pages(year.out / kind / f"{room}.pdf"))
        assert [t.number for t in seated if t.number not in text] == []
        assert [t.name for t in seated if squeezed(t.name) not in text and drawable(t.name)] == []


@pytest.mark.rule("V14.6.2", "V14.6.5")
@pytest.mark.parametrize("kind", ["door_stickers", "allocation"])
def test_the_tables_of_a_site_tell_first_and_last_number_of_every_room(year, rooms, kind: str) -> None:
    assert {p.stem for p in (year.out / kind).glob("*.pdf")} == {room[:7] for room in rooms}
    for room, seated in rooms.items():
        text = "".join(pages(year.out / kind / f"{room[:7]}.pdf"))
        numbers = sorted(t.number for t in seated)
        assert numbers[0] in text
        assert numbers[-1] in text


@pytest.mark.rule("V14.6.1", "V14.6.2", "V14.6.3", "V14.6.4", "V14.7.4")
def test_every_site_has_what_it_hangs_up(year, rooms) -> None:
    for kind in set(KINDS) - {"stubs", "sign_in", "desk_stickers"}:
        assert {p.stem for p in (year.out / kind).glob("*.pdf")} == {room[:7] for room in rooms}, kind


@pytest.mark.rule("V14.7.2")
def test_the_distribution_table_of_a_site_has_its_rooms_and_their_sum(year, rooms) -> None:
    sites = {room[:7] for room in rooms}
    assert {p.stem for p in (year.out / "room_table").glob("*.pdf")} == sites
    for site in sites:
        counts = {room[8:]: len(seated) for room, seated in rooms.items() if room.startswith(site)}
        text = "".join(pages(year.out / "room_table" / f"{site}.pdf"))
        assert f"考场数{len(counts)}考生数{sum(counts.values())}" in text
        assert [number for number in counts if number not in text] == []


def test_a_card_is_printed_for_every_candidate_and_session(year, rooms) -> None:
    for session in range(1, SESSIONS + 1):
        folder = year.out / "cards" / str(session)
        assert {p.stem for p in folder.glob("*.pdf")} == set(rooms)
        for room, seated in rooms.items():
            assert len(pages(folder / f"{room}.pdf")) == len(seated)


@pytest.mark.rule("V15.8")
def test_every_room_has_its_record_in_two_copies(year, rooms) -> None:
    for session in range(1, SESSIONS + 1):
        there = {p.stem for p in (year.out / "room_records" / str(session)).glob("*.pdf")}
        assert there == {f"{room}-{copy}" for room in rooms for copy in ("bag", "papers")}
    exam = year.world.exam
    with acting(READER):
        for found in examday.rooms(viewer=READER, exam=exam):
            seats = examday.seats(viewer=READER, exam=exam, room=found)
            absent = [s.ticket for s in seats if not s.present]
            name = f"{found.session_number}/{found.site_code}-{found.room_number:03d}-bag.pdf"
            text = "".join(pages(year.out / "room_records" / name))
            assert f"{len(seats)}{len(seats) - len(absent)}{len(absent)}" in text
            noted = [s.ticket for s in seats if not s.present or s.violation]
            assert [s.ticket for s in seats if s.ticket in text] == noted


@pytest.mark.rule("V17.2.2")
def test_everybody_has_a_transcript(year, rooms) -> None:
    for room, t in everybody(rooms):
        text = "".join(pages(year.out / "transcripts" / room[:7] / f"{t.number}.pdf"))
        assert t.number in text
        assert squeezed(t.name) in text or not drawable(t.name)


@pytest.mark.rule("V17.2.1", "V18.1.1")
def test_who_passed_stands_in_the_register_and_has_a_certificate(year) -> None:
    with acting(READER):
        rows = list(certificates.stream(viewer=READER, exam=year.world.exam, filters=certificates.Filters()))
    assert len(rows) == year.counts("certificates")["granted"] > 0
    printed = {p: pages(p) for p in (year.out / "certificates").glob("*.pdf")}
    assert sum(len(found) for found in printed.values()) == len(rows)
    for row in rows:
        (one,) = [text for found in printed.values() for text in found if row.number in text]
        assert squeezed(row.name) in one or not drawable(row.name)
        register = "".join(pages(year.out / "registers" / f"{row.point_code[:2]}.pdf"))
        assert row.ticket_number in register


@pytest.mark.rule("V5.5")
def test_the_archive_holds_a_file_for_every_stage(year) -> None:
    stages = {p.name for p in (year.out / "archive" / "data").iterdir() if p.is_dir()}
    assert stages >= set(STAGES) - {"archive"}
    events = (year.out / "archive" / "data" / "audit" / "events.jsonl").read_text().splitlines()
    assert len(events) > 100
    assert '"leaf":null' not in "".join(events)
