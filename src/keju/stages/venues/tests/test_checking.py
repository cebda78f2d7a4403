"""Checklists of sites and rooms: who answers for what, when, with which photos, and what stays open."""

import io
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest
from django.db import connection
from django.db.utils import DatabaseError, IntegrityError
from PIL import Image

from keju.kernel.audit import NotPermitted
from keju.kernel.audit.models import Event
from keju.kernel.calendar import CHINA
from keju.kernel.exams.models import Exam
from keju.kernel.files import queries as files
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused, load_programme
from keju.rulebook.model import CheckItem
from keju.rulebook.words import t
from keju.stages.venues import queries, rules, services
from keju.stages.venues.models import Attestation, Site
from keju.stages.venues.rules import SEPARATE, NewRoom
from keju.stages.venues.tests.year import AT, SYSTEM, confirmed, decide, make_exam, make_site, staff

EXAM_DAY = date(2011, 10, 16)
EVE = datetime(2011, 10, 15, 15, 0, tzinfo=CHINA)
FIT = CheckItem("fit", t("通风", "aired"), "V14.5", "site", "report")
PROVEN = CheckItem("proven", t("承担过", "proven"), "V14.1", "site", "report")
BARE = CheckItem("bare", t("清空", "bare"), "V14.7.4", "room", "eve")
ENFORCED = {"V14.5"}


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


@pytest.fixture
def site(exam: Exam, host: Actor) -> Site:
    return make_site(exam, "1301", rooms=2, report=False, by=host)


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (900, 700), "white").save(buffer, "JPEG")
    return buffer.getvalue()


def attest(exam: Exam, by: Actor, item: str = "fit", at: datetime = AT, **facts: object) -> int:
    facts = {"site_code": "1301-01", "settled": True} | facts
    with acting(by):
        return services.attest(exam=exam, item_code=item, by=by, at=at, **facts)  # type: ignore[arg-type]


def codes(refused: pytest.ExceptionInfo[RuleRefused]) -> list[tuple[str, str]]:
    return [(r.rule, r.code) for r in refused.value.refusals]


def states(exam: Exam, site: Site, by: Actor, at: datetime = AT) -> dict[str, str]:
    with acting(by):
        return {c.item.code: c.state for c in queries.checklist(exam, site, at)}


@pytest.mark.rule("V14.5")
@pytest.mark.parametrize(
    ("settled", "expected"), [({}, ["V14.5"]), ({"fit": False}, ["V14.5"]), ({"fit": True}, [])]
)
def test_only_an_enforced_clause_refuses_the_report(settled: dict[str, bool], expected: list[str]) -> None:
    assert [r.rule for r in rules.check_seen([FIT, PROVEN, BARE], settled, ENFORCED)] == expected


@pytest.mark.rule("V14.4", "V14.7.4")
@pytest.mark.parametrize(
    ("settled", "on", "expected"),
    [
        (True, date(2011, 10, 14), ["venues_check_early"]),
        (True, date(2011, 10, 15), []),
        (True, date(2011, 10, 16), []),
        (False, date(2011, 8, 1), []),
    ],
)
def test_what_belongs_to_the_eve_is_not_settled_before(settled: bool, on: date, expected: list[str]) -> None:
    assert [r.code for r in rules.check_day(BARE, settled, on, EXAM_DAY)] == expected
    assert not list(rules.check_day(FIT, True, date(2011, 8, 1), EXAM_DAY))


@pytest.mark.parametrize(
    ("item", "rooms", "settled", "note", "photos", "expected"),
    [
        (FIT, [], True, "", 6, []),
        (FIT, [], False, " ", 0, ["venues_check_no_note"]),
        (FIT, [], True, "", 7, ["venues_check_photos"]),
        (BARE, [], True, "", 0, ["venues_check_no_room"]),
        (BARE, [1, 2], True, "", 0, []),
        (BARE, [1, 9], True, "", 0, ["venues_check_strange_room"]),
        (BARE, [1, 2], True, "", 1, ["venues_check_photo_rooms"]),
        (BARE, [1], True, "", 1, []),
    ],
)
def test_an_entry_says_where_and_what(
    item: CheckItem, rooms: list[int], settled: bool, note: str, photos: int, expected: list[str]
) -> None:
    found = rules.check_entry(item, rooms, {1, 2}, settled=settled, note=note, photos=photos)
    assert [r.code for r in found] == expected


def test_the_colour_of_an_item() -> None:
    """Red if wanting or overdue, green only if all was seen, grey before its time or where there is nothing to see."""
    answers = [seen for size in range(4) for seen in product((True, False, None), repeat=size)]
    for seen, days, is_known in product(answers, range(-2, 3), (True, False)):
        opens, due = (EVE, EVE + timedelta(days=1)) if is_known else (None, None)
        state = rules.standing(seen, opens=opens, due=due, at=EVE + timedelta(days=days))
        assert (state == "done") == (bool(seen) and all(seen))
        if False in seen:
            assert state == "late"
        elif None in seen:
            assert state == ("soon" if not is_known or days == 0 else "none" if days < 0 else "late")
        assert rules.worst([state, "none"]) == state
        assert rules.worst([state, "late"]) == "late"


@pytest.mark.rule("P2.1", "V14.1")
def test_a_share_is_a_percentage_of_something() -> None:
    assert rules.share(2, 3) == Decimal("66.7")
    assert (rules.share(1, 16), rules.share(0, 4), rules.share(0, 0)) == (
        Decimal("6.3"),
        Decimal("0.0"),
        None,
    )


@pytest.mark.rule("V14.1", "V14.5")
def test_who_answers_for_what_is_kept_with_photos_and_the_last_entry_counts(
    exam: Exam, site: Site, host: Actor
) -> None:
    eve = {"cordon": "none", "bare": "none", "sealed": "none", "patrolled": "none"}
    assert states(exam, site, host) == {"proven": "soon", "fit": "soon", **eve}
    attest(exam, host, settled=False, note="灯坏了两盏")
    assert states(exam, site, host)["fit"] == "late"
    attest(exam, host, note="已换灯", photos=[picture()])
    attest(exam, host, "proven")
    assert states(exam, site, host) == {"proven": "done", "fit": "done", **eve}
    with acting(host):
        fit = next(c for c in queries.checklist(exam, site, AT) if c.item.code == "fit")
        assert [e.note for e in fit.entries] == ["已换灯", "灯坏了两盏"]
        assert {e.attested_by for e in fit.entries} == {host.ref}
        (photo,) = fit.entries[0].photos
        kept = Image.open(io.BytesIO(files.read(photo["sha"], viewer=host)))
        assert kept.size == (900, 700)
        queries.photo_of(exam, site, photo["thumb"])
        with pytest.raises(NotPermitted):
            queries.photo_of(exam, site, "0" * 64)
    with acting(SYSTEM):
        entered = [e.data for e in Event.objects.filter(kind="venues.checklist.entered")]
    assert len(entered) == 3
    assert {"item": "fit", "rooms": [], "settled": True, "photos": [photo["sha"]]} in entered


@pytest.mark.rule("V14.5")
def test_nobody_having_looked_refuses_the_report(exam: Exam, site: Site, host: Actor) -> None:
    def report() -> None:
        with acting(host):
            services.report_site(exam=exam, site_code=site.code, by=host, at=AT)

    with acting(host):
        services.add_rooms(
            exam=exam, site_code=site.code, rooms=[NewRoom(50, "A", 1, 5, 6, 80)], by=host, at=AT
        )
    with pytest.raises(RuleRefused) as refused:
        report()
    assert codes(refused) == [("V14.5", "venues_unseen")]
    words = refused.value.refusals[0].words(load_programme("veterinarian"))
    assert "通风" in words.zh and "aired" in words.en
    attest(exam, host)
    report()


@pytest.mark.rule("V14.7.4", "V14.4")
def test_rooms_are_looked_at_one_by_one_on_the_eve(exam: Exam, host: Actor) -> None:
    site = make_site(exam, "1301", rooms=2, report=False, by=host)
    with acting(host):
        small = NewRoom(20, "A", 1, 1, 1, 80, kind=SEPARATE)
        services.add_rooms(exam=exam, site_code=site.code, rooms=[small], by=host, at=AT)
        attest(exam, host)
        services.report_site(exam=exam, site_code=site.code, by=host, at=AT)
    with pytest.raises(RuleRefused) as refused:
        attest(exam, host, "bare", rooms=[1, 2])
    assert codes(refused) == [("V14.7.4", "venues_check_early")]
    with pytest.raises(RuleRefused) as refused:
        attest(exam, host, "bare", EVE, rooms=[1, 4])  # 4 is the rest room
    assert codes(refused) == [("V14.7.4", "venues_check_strange_room")]
    assert attest(exam, host, "bare", EVE, rooms=[1, 2, 2]) == 2
    attest(exam, host, "bare", EVE, rooms=[2], settled=False, note="墙上有公式")
    with acting(host):
        bare = next(c for c in queries.checklist(exam, site, EVE) if c.item.code == "bare")
        assert (bare.state, [r.number for r in bare.open_rooms]) == ("late", [2, 3, 20])
    attest(exam, host, "bare", EVE, rooms=[2, 3, 20])
    assert states(exam, site, host, EVE) == {
        "proven": "late", "fit": "done", "cordon": "soon", "bare": "done", "sealed": "soon", "patrolled": "soon",
    }  # fmt: skip


@pytest.mark.rule("V14.3", "V14.4", "V14.7.4")
def test_the_board_says_what_is_missing_where(exam: Exam, site: Site, host: Actor) -> None:
    region = staff("region_officer", "13")
    with acting(region):
        (row,) = queries.board(exam, viewer=region, at=AT, with_refusals=True)
    assert (row.site.code, row.state) == ("1301-01", "soon")
    assert [(o.code, o.state, o.rooms) for o in row.open] == [
        ("proven", "soon", 0), ("fit", "soon", 0), ("report", "soon", 0),
    ]  # fmt: skip
    assert {r.code for r in row.refusals} == {"venues_unseen"}
    with acting(host):
        services.edit_site(exam=exam, site_code=site.code, version=1, surroundings="", by=host, at=AT)
    with acting(region):
        (row,) = queries.board(exam, viewer=region, at=EVE)
    assert row.state == "late"  # the report is overdue
    assert [(o.code, o.state, o.rooms) for o in row.open] == [
        ("proven", "late", 0), ("fit", "late", 0), ("cordon", "soon", 0), ("bare", "soon", 3),
        ("sealed", "soon", 3), ("patrolled", "soon", 0), ("surroundings", "late", 0), ("report", "late", 0),
    ]  # fmt: skip
    elsewhere = staff("region_officer", "23")
    with acting(elsewhere):
        assert queries.board(exam, viewer=elsewhere, at=AT) == []


@pytest.mark.rule("P2.1", "V14.1")
def test_capable_rooms_are_counted_per_point_and_region(exam: Exam, site: Site, host: Actor) -> None:
    more = [
        NewRoom(31, "A", 1, 5, 6, 80, cameras=True, step_free=True),
        NewRoom(32, "A", 1, 5, 6, 80, gaokao=True),
        NewRoom(33, "A", 1, 5, 6, 80, cameras=True, gaokao=True),
        NewRoom(34, "A", 1, 5, 6, 80, kind="spare", cameras=True),
    ]
    with acting(host):
        services.add_rooms(exam=exam, site_code=site.code, rooms=more, by=host, at=AT)
    region = staff("region_officer", "13")
    with acting(region):
        found = queries.shares(exam, viewer=region)
    assert [(s.office, s.rooms, s.cameras, s.gaokao, s.either, s.step_free) for s in found] == [
        ("13", 5, 2, 2, 2, 1),
        ("1301", 5, 2, 2, 2, 1),
    ]
    assert found[0].percent == Decimal("40.0")
    exam.programme = "physician"  # where rooms of the college-entrance exam are preferred as well
    with acting(region):
        assert [s.percent for s in queries.shares(exam, viewer=region)] == [Decimal("60.0")] * 2


def test_entries_are_the_sites_own_and_only_grow(exam: Exam, site: Site, host: Actor) -> None:
    attest(exam, host)
    with acting(staff("point_manager", "1302")):
        assert Attestation.objects.count() == 0
    with pytest.raises(NotPermitted):
        attest(exam, staff("point_manager", "1302"))
    with pytest.raises(NotPermitted):
        attest(exam, staff("region_officer", "13"))
    with pytest.raises(NotPermitted):
        attest(exam, host, "no-such-item")
    for change in (
        "UPDATE venues_attestation SET settled = false, note = 'x'",
        "DELETE FROM venues_attestation",
    ):
        with pytest.raises(DatabaseError), acting(host), connection.cursor() as cursor:
            cursor.execute(change)
    with pytest.raises(IntegrityError), acting(host):
        Attestation.objects.create(
            exam=exam, site=site, office_path=site.office_path, item="fit", rule="V14.5", settled=False,
            attested_by="x", attested_at=AT,
        )  # fmt: skip


def test_a_room_that_was_looked_at_is_not_removed(exam: Exam, site: Site, host: Actor) -> None:
    attest(exam, host, "bare", EVE, rooms=[1])
    with acting(host), pytest.raises(RuleRefused) as refused:
        services.remove_room(exam=exam, room_id=queries.rooms(site)[0].pk, by=host, at=EVE)
    assert codes(refused) == [("V14.7.4", "venues_room_checked")]
