"""Seats change after freezing: numbers stay with the people, former prints are void, the people are told."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event as Signal
from unittest.mock import patch

import pytest
from django.db import connection, connections, transaction
from django.db.utils import DatabaseError

from keju.algorithms import voidlist
from keju.kernel.audit.models import Event
from keju.kernel.documents import codes
from keju.kernel.documents import queries as ledger
from keju.kernel.documents.services import enter_print
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Message
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.seating import services as seats
from keju.stages.seating.services import Move
from keju.stages.tickets import queries, rules, services
from keju.stages.tickets.models import Ticket
from keju.stages.tickets.services import changing, numbering
from keju.stages.tickets.services.printing import code_of
from keju.stages.tickets.tests.test_numbers import generate
from keju.stages.tickets.tests.test_opening import open_
from keju.stages.venues.tests.year import AT, SYSTEM, confirmed, staff

REGION = staff("region_officer", "13")


def change(exam: Exam, *moves: Move, **more: object) -> services.SeatsChanged:
    with acting(REGION):
        return services.change_seats(
            **{
                "exam": exam,
                "region_code": "13",
                "moves": moves,
                "reason": "更正",
                "by": REGION,
                "at": AT,
                **more,
            }  # type: ignore[arg-type]
        )


def tickets(exam: Exam, site: str = "1301-01") -> list[Ticket]:
    with acting(SYSTEM):
        return list(Ticket.objects.filter(exam=exam, site_code=site).order_by("number"))


def fresh(ticket: Ticket) -> Ticket:
    with acting(SYSTEM):
        return Ticket.objects.get(pk=ticket.pk)


def swap(one: Ticket, other: Ticket) -> list[Move]:
    return [
        Move(one.registration_id, (other.room_id, other.seat)),
        Move(other.registration_id, (one.room_id, one.seat)),
    ]


def ready(exam: Exam) -> None:
    generate(exam)
    generate(exam, "11")
    open_(exam)


@pytest.mark.rule("V7.1", "V7.3")
def test_who_exchange_seats_keep_their_numbers_and_have_new_codes(opened: Exam) -> None:
    one, other, third = (tickets(opened)[n] for n in (0, 45, 46))
    before = code_of(opened, one)
    done = change(opened, *swap(one, other), expected={"1301-01": 1})
    a, b, c = fresh(one), fresh(other), fresh(third)
    assert (a.number, b.number) == (one.number, other.number)
    assert [(k.room_number, k.seat, k.column, k.row) for k in (a, b)] == [
        (k.room_number, k.seat, k.column, k.row) for k in (other, one)
    ]
    assert (a.issue, a.changed_at, c.issue, c.changed_at, c.plan_id) == (2, AT, 1, None, third.plan_id)
    assert sorted(done.moved) == sorted([one.number, other.number]) and not done.added + done.revoked
    assert queries.verify(before).state == "reissued"
    now = queries.verify(code_of(opened, a))
    assert (now.state, now.seat) == ("valid", other.seat)
    assert queries.verify(code_of(opened, c)).state == "valid"
    with acting(SYSTEM):
        told = set(Message.objects.filter(kind="tickets.seat_changed").values_list("candidate_id", flat=True))
        assert told == {one.candidate_id, other.candidate_id}
        event = Event.objects.get(kind="tickets.seats.changed")
        assert sorted(event.data["moved"]) == sorted(done.moved) and event.data["opened"] is True
        made = queries.generation(opened, "13")
        assert made is not None and made.plans == seats_digest(opened)


def seats_digest(exam: Exam) -> str:
    with acting(REGION):
        return changing.seating.plans_digest(exam, "13")


@pytest.mark.rule("V7.2")
def test_who_comes_late_has_the_next_serial_of_the_host(opened: Exam, eligible: dict[str, list[int]]) -> None:
    late = confirmed(opened, {("1303", "general"): 2}, name="晚到", first=500)
    eligible["13"] += late
    done = change(opened, *(Move(pk, (0, 0)) for pk in late))
    assert done.added == ["1113030027", "1113030028"]
    assert [int(k.number[-4:]) for k in tickets(opened, "1303-01")] == list(range(1, 29))
    with acting(SYSTEM):
        assert Message.objects.filter(kind="tickets.added").count() == 2
        made = queries.generation(opened, "13")
        assert made is not None and made.count == 121


@pytest.mark.rule("V7.2")
def test_the_ten_thousandth_is_refused_and_nobody_is_seated(
    opened: Exam, eligible: dict[str, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    late = confirmed(opened, {("1303", "general"): 1}, name="晚到", first=500)
    eligible["13"] += late
    monkeypatch.setattr(changing.queries, "numbered", lambda *_: 9999)
    with pytest.raises(RuleRefused) as error:
        change(opened, Move(late[0], (0, 0)))
    assert [r.code for r in error.value.refusals] == ["tickets_too_many"]
    with acting(SYSTEM):
        assert queries.generation(opened, "13").plans == seats_digest(opened)  # type: ignore[union-attr]


@pytest.mark.rule("V7.1", "V7.3")
def test_who_leaves_is_revoked_and_whoever_comes_back_has_the_same_number(
    opened: Exam, eligible: dict[str, list[int]]
) -> None:
    gone, other = tickets(opened)[4], tickets(opened)[9]
    eligible["13"].remove(gone.registration_id)
    assert change(opened, Move(gone.registration_id, None)).revoked == [gone.number]
    former = code_of(opened, gone)
    assert queries.verify(former).state == "revoked"
    # The seat is free for somebody else, the number is nobody's.
    change(opened, Move(other.registration_id, (gone.room_id, gone.seat)))
    assert (fresh(other).seat, fresh(other).number) == (gone.seat, other.number)
    eligible["13"].append(gone.registration_id)
    assert change(opened, Move(gone.registration_id, (0, 0))).moved == [gone.number]
    back = fresh(gone)
    assert (back.number, back.revoked_at, back.issue) == (gone.number, None, 2)
    assert queries.verify(former).state == "reissued"
    assert queries.verify(code_of(opened, back)).state == "valid"


@pytest.mark.rule("V7.1", "V7.2")
def test_before_opening_a_change_asks_for_new_numbers_room_by_room(exam: Exam) -> None:
    generate(exam)
    generate(exam, "11")
    one, other = (tickets(exam)[n] for n in (0, 45))
    assert change(exam, *swap(one, other)).moved == []
    assert fresh(one).issue == 1
    with pytest.raises(RuleRefused) as error:
        open_(exam)
    assert [r.code for r in error.value.refusals] == ["tickets_not_current"]
    assert generate(exam).changed
    held = tickets(exam)
    assert held[0].registration_id == other.registration_id
    assert [(k.room_number, k.seat) for k in held] == sorted((k.room_number, k.seat) for k in held)
    open_(exam)
    with acting(SYSTEM):
        assert not Message.objects.filter(kind="tickets.seat_changed").exists()


def test_seats_of_opened_tickets_do_not_change_behind_them(exam: Exam) -> None:
    """The database refuses it when the transaction ends; without the trigger the tickets would be wrong."""
    ready(exam)
    one, other = (tickets(exam)[n] for n in (0, 45))
    with pytest.raises(DatabaseError, match="with the tickets only"), acting(REGION):
        seats.change(exam=exam, region_code="13", moves=swap(one, other), reason="x", by=REGION, at=AT)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_worker_killed_between_plan_and_tickets_changes_neither(opened: Exam) -> None:
    """One transaction holds both; without it the plan would be ahead of the tickets, and the database refuses that."""
    one, other = (tickets(opened)[n] for n in (0, 45))
    before, digest = code_of(opened, one), seats_digest(opened)
    killed = patch.object(changing, "update_rows", side_effect=KeyboardInterrupt)
    with killed, pytest.raises(KeyboardInterrupt):
        change(opened, *swap(one, other))
    assert seats_digest(opened) == digest and queries.verify(before).state == "valid"
    torn = services.change_seats.__wrapped__  # type: ignore[attr-defined]
    with pytest.raises(DatabaseError, match="with the tickets only"), transaction.atomic(), acting(REGION):
        with killed, pytest.raises(KeyboardInterrupt):
            torn(exam=opened, region_code="13", moves=swap(one, other), reason="x", by=REGION, at=AT)
        assert (
            seats_digest(opened) != digest and fresh(one).room_id == one.room_id
        )  # the plan is ahead of the tickets
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["reissue", "revoke"])
def test_a_reissue_or_revocation_during_a_change_is_not_lost(
    exam: Exam, act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change of seats waits for who changes a single ticket: else it writes over the new code, or the revocation."""
    ready(exam)
    one, other = (tickets(exam)[n] for n in (0, 45))
    written, real = Signal(), numbering._event

    def paused(*args: object) -> None:
        written.set()
        Signal().wait(0.5)  # the change comes as far as it can
        real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(numbering, "_event", paused)

    def clerk() -> None:
        try:
            with acting(REGION):
                getattr(services, act)(
                    exam=exam, registration_id=one.registration_id, reason="遗失", by=REGION, at=AT
                )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(clerk)
        assert written.wait(30)
        change(exam, *swap(one, other))
        done.result()
    now = fresh(one)
    assert (now.issue, now.revoked_at) == ((3, None) if act == "reissue" else (1, AT))


def printed(exam: Exam, kind: str, subject: str) -> None:
    with acting(SYSTEM):
        enter_print(
            kind=kind, exam=exam, subject=subject, office_path="/13/1301/01/", pdf=PDF, by=SYSTEM, at=AT
        )


PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def todo(exam: Exam) -> list[tuple[str, tuple[int, ...]]]:
    with acting(REGION):
        return [(a.kind, a.rooms) for a in queries.again(exam, "/13/1301/01/")]


@pytest.mark.rule("V7.4", "V14.6.2", "V14.6.5", "V14.7.2")
def test_prints_of_the_rooms_concerned_are_void_until_they_are_printed_again(opened: Exam) -> None:
    for kind, subject in (
        ("sign_in", "site:1301-01"), ("stubs", "site:1301-01/1"), ("stubs", "site:1301-01/2"),
        ("door_stickers", "site:1301-01"), ("allocation", "site:1301-01"), ("banner", "site:1301-01"),
    ):  # fmt: skip
        printed(opened, kind, subject)
    mine = [k for k in tickets(opened) if k.room_number == 1]
    done = change(opened, *swap(mine[0], mine[5]))
    assert done.void == 3
    assert todo(opened) == [("door_stickers", (1,)), ("sign_in", (1,)), ("stubs", (1,))]
    with acting(REGION):
        (entry,) = ledger.prints(viewer=REGION, exam_slug=opened.slug, kind="sign_in", subject="site:1301-01")
        assert (entry.void_part, entry.void_reason) == ("1", "v2 · 更正")
        (other,) = ledger.prints(viewer=REGION, exam_slug=opened.slug, kind="stubs", subject="site:1301-01/2")
        assert other.void_at is None
    printed(opened, "sign_in", "site:1301-01/1")
    assert todo(opened) == [("door_stickers", (1,)), ("stubs", (1,))]
    two = next(k for k in tickets(opened) if k.room_number == 2)
    change(opened, *swap(fresh(mine[0]), two))
    assert todo(opened) == [
        ("allocation", ()), ("door_stickers", (1, 2)), ("sign_in", (1, 2)), ("stubs", (1, 2)),
    ]  # fmt: skip
    printed(opened, "stubs", "site:1301-01")
    assert [kind for kind, _ in todo(opened)] == ["allocation", "door_stickers", "sign_in"]


@pytest.mark.rule("V7.1")
def test_numbers_made_anew_leave_no_paper_standing(exam: Exam) -> None:
    generate(exam)
    printed(exam, "sign_in", "site:1301-01")
    printed(exam, "banner", "site:1301-01")
    assert not generate(exam).changed and todo(exam) == []
    change(exam, *swap(*tickets(exam)[:2]))
    generate(exam)
    assert todo(exam) == [("sign_in", ())]


@pytest.mark.parametrize(
    ("kind", "room", "seats_", "people", "in_use", "part"),
    [
        ("stubs", None, [3, 7], [], False, "3,7"), ("stubs", 3, [3, 7], [], False, ""),
        ("stubs", 4, [3, 7], [], False, None), ("door_stickers", None, [3], [], False, "3"),
        ("allocation", None, [3], [], False, None), ("allocation", None, [3], [3], False, ""),
        ("banner", None, [3], [3], True, None), ("directions", None, [3], [3], False, None),
        ("directions", None, [3], [3], True, ""), ("tickets", None, [], [], False, None),
    ],
)  # fmt: skip
def test_what_of_a_paper_is_void(
    kind: str, room: int | None, seats_: list[int], people: list[int], in_use: bool, part: str | None
) -> None:
    assert rules.papers_void(kind, room, seats_, people, in_use) == part


def test_the_list_of_changed_tickets_says_who_has_printed_again(opened: Exam) -> None:
    one, other = (tickets(opened)[n] for n in (0, 45))
    change(opened, *swap(one, other))
    with acting(SYSTEM):
        services.print_ticket(exam=opened, registration_id=one.registration_id, by=SYSTEM, at=AT)
    with acting(REGION):
        found = queries.changed_tickets(opened, "1301-01", viewer=REGION)
    assert {(k.number, k.state, k.printed) for k in found} == {
        (one.number, "reissued", True), (other.number, "reissued", False),
    }  # fmt: skip


@pytest.mark.rule("V7.3")
def test_a_device_without_a_network_knows_which_tickets_hold(
    opened: Exam, eligible: dict[str, list[int]]
) -> None:
    """Public key, list and scanned code are all that it has; every change makes the list's version larger."""

    def state(ticket: Ticket, text: str, at_least: int = 0) -> str:
        scanned = codes.verify_code(code_of(opened, ticket), codes.public_key())
        assert scanned is not None
        _, number, code = scanned[1].split("|")
        found = voidlist.read(text, codes.public_key(), exam=opened.slug, host="1301", at_least=at_least)
        return found.state(number, code)

    one, other, gone, third = tickets(opened)[:4]
    versions = [queries.void_list(opened, "1301")[0]]
    change(opened, *swap(one, other))
    versions.append(queries.void_list(opened, "1301")[0])
    eligible["13"].remove(gone.registration_id)
    change(opened, Move(gone.registration_id, None))
    version, text = queries.void_list(opened, "1301")
    assert [state(k, text) for k in (one, fresh(one), gone, third)] == [
        "reissued",
        "valid",
        "revoked",
        "valid",
    ]
    eligible["13"].append(gone.registration_id)
    change(opened, Move(gone.registration_id, (0, 0)))
    assert versions[0] == 0 and sorted({*versions, version}) == [*versions, version]
    last, text = queries.void_list(opened, "1301")
    assert last > version and state(fresh(gone), text, at_least=version) == "valid"
    assert queries.void_list(opened, "1303")[0] == 0
