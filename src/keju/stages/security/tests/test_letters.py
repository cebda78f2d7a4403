"""Letters made in bulk, signed level by level with own proofs or on paper, renewed when another holds the post."""

import pytest
from django.db import DatabaseError, connection, transaction

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.documents.models import Print
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.readiness import AMBER, GREEN
from keju.rulebook import RuleRefused, load_programme
from keju.stages.security.models import Letter
from keju.stages.security.queries import letters as queries
from keju.stages.security.readiness import letters as board
from keju.stages.security.services import letters as services
from keju.stages.security.tests.people import KEY_POSTS, codes_of, hold, leader
from keju.stages.security.tests.year import AT, MANAGER, OFFICER, SITE, make_year
from keju.stages.staffing.models import Appointment
from keju.stages.venues.tests.year import SYSTEM, staff

SCAN = "a" * 64


@pytest.fixture
def exam(db: None) -> Exam:
    return make_year()


def make(exam: Exam, by: Actor = OFFICER) -> services.Made:
    with acting(by):
        return services.make_letters(exam=exam, path=by.office_path, by=by, at=AT)


def above(exam: Exam, who: tuple[Actor, list[str]], code: str = "") -> int | None:
    by, codes = who
    with acting(by):
        rows = list(queries.for_me(exam, by))
        seen = queries.bound(rows)
        return services.sign_above(
            exam=exam, letter_ids=[r.pk for r in rows], seen=seen, code=code or codes.pop(), by=by, at=AT
        )


def below(exam: Exam, person: int, code: str, by: Actor = OFFICER) -> bool:
    with acting(by):
        row = Letter.objects.get(exam=exam, holder_id=person, ended_at=None)
        return services.sign_below(
            exam=exam, letter_id=row.pk, content_hash=row.content_hash, code=code, by=by, at=AT
        )


def refused(call) -> str:
    with pytest.raises(RuleRefused) as error, transaction.atomic():
        call()
    (found,) = error.value.refusals
    assert "{" not in found.words(load_programme("physician")).en
    return found.code


def states(exam: Exam, rule_rows) -> dict[str, str]:
    with acting(SYSTEM):
        return {row.office_path: str(row.state) for row in rule_rows(exam, "/13/", AT)}


@pytest.mark.rule("P7.1")
def test_letters_are_signed_level_by_level(exam: Exam) -> None:
    people = hold(exam, *KEY_POSTS)
    assert states(exam, board.signed) == {"/13/": AMBER, "/13/1301/": AMBER}
    assert make(exam) == services.Made(7, 0)
    assert make(exam) == services.Made(0, 0)
    centre, region, point = (
        leader("centre_exam", "centre"),
        leader("region_leader", "13"),
        leader("point_leader", "1301"),
    )
    assert refused(lambda: above(exam, region)) == "security_letter_own_first"
    assert above(exam, centre) == 2  # the region's leader and director
    first = people["region_leader"]
    codes = codes_of(first)
    with acting(OFFICER):
        unsigned = Letter.objects.get(holder_id=people["chief_examiner"])
    assert (
        refused(lambda: below(exam, people["chief_examiner"], "x")) == "security_letter_from_above_first"
    ), unsigned
    used = codes.pop()
    assert not below(exam, first, "01-AAAAAA")
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_signing_sheet SET failures = 0, failed_at = NULL")
    assert below(exam, first, used)
    assert above(exam, region) == 3
    assert refused(lambda: above(exam, point)) == "security_letter_own_first"
    for post in ("point_leader", "chief_examiner"):
        assert below(exam, people[post], codes_of(people[post])[0], by=MANAGER)
    assert above(exam, point) == 2
    with acting(MANAGER):
        rest = queries.letters(exam, "/13/1301/", state="below")
        assert (
            services.sign_on_paper(exam=exam, letter_ids=[r.pk for r in rest], scan=SCAN, by=MANAGER, at=AT)
            == 2
        )
    assert states(exam, board.signed) == {"/13/": AMBER, "/13/1301/": GREEN}
    with acting(SYSTEM):
        events = Event.objects.filter(kind__startswith="security.letters.signed")
        assert {tuple(e.rules) for e in events} == {("P7.1",)} and events.count() == 7
        assert {t.office_code: (t.living, t.signed) for t in queries.tallies(exam, "/13/")} == {
            "13": (3, 1),
            "1301": (4, 4),
        }


@pytest.mark.rule("P7.1")
def test_nobody_signs_both_sides_or_for_another_office_or_what_they_did_not_see(exam: Exam) -> None:
    people = hold(exam, ("region_leader", "13"), ("region_confidential_officer", "13"))
    make(exam)
    other = leader("region_leader", "11")
    with acting(other[0]):
        assert list(queries.for_me(exam, other[0])) == []
    centre, codes = leader("centre_exam", "centre")
    with acting(centre):
        rows = list(queries.for_me(exam, centre))
    ids = [r.pk for r in rows]

    def sign(by: Actor, seen: str, which: list[int]) -> None:
        with acting(by):
            services.sign_above(exam=exam, letter_ids=which, seen=seen, code=codes[-1], by=by, at=AT)

    with pytest.raises(Stale), transaction.atomic():
        sign(centre, "0" * 64, ids)
    own = Actor(
        "person:x",
        "x",
        "centre_exam",
        "centre",
        "/",
        person_id=people["region_leader"],
        permissions=centre.permissions,
    )
    assert refused(lambda: sign(own, queries.bound(rows), ids)) == "security_letter_both_sides"
    with acting(SYSTEM):
        officers = list(Letter.objects.filter(post="region_confidential_officer"))
    mixed = refused(lambda: sign(centre, queries.bound(officers), [r.pk for r in officers]))
    assert mixed == "security_letter_not_above"
    with pytest.raises(NotPermitted):
        make(exam, SITE)
    foreign = staff("region_officer", "11")
    with pytest.raises(NotPermitted), acting(foreign):
        services.make_letters(exam=exam, path="/13/", by=foreign, at=AT)


@pytest.mark.rule("P7.1")
def test_another_holder_begins_the_next_version(exam: Exam) -> None:
    people = hold(exam, ("region_leader", "13"))
    make(exam)
    with acting(SYSTEM):
        Appointment.objects.filter(exam=exam).update(state="ended", reason="调离")
    new = hold(exam, ("region_leader", "13"), first=50)
    assert make(exam) == services.Made(1, 1)
    with acting(OFFICER):
        old = Letter.objects.get(holder_id=people["region_leader"])
        row = Letter.objects.get(holder_id=new["region_leader"])
        assert old.ended_at == AT and (row.version, row.replaces_id) == (2, old.pk)
        assert row.content_hash != old.content_hash and row.wording_id == old.wording_id
    with acting(SYSTEM):
        kinds = list(Event.objects.filter(kind="security.letters.made").values_list("data", flat=True))
    assert [(d["made"], d["ended"]) for d in kinds] == [(1, 0), (1, 1)]


FORGERIES = {
    "unsigned again": "UPDATE security_letter SET above_at = NULL, above_means = '', above_scan = ''",
    "another holder": "UPDATE security_letter SET holder_name = '张三'",
    "another text": "UPDATE security_letter SET content_hash = repeat('0', 64)",
    "below before above": "UPDATE security_letter SET below_at = made_at, below_means = 'paper', below_scan = repeat('b', 64)"
    " WHERE above_at IS NULL",
    "on line without proof": "UPDATE security_letter SET below_at = above_at, below_means = 'online' WHERE below_at IS NULL",
    "deleted": "DELETE FROM security_letter",
    "wording": "UPDATE security_wording SET text = ''",
}


@pytest.mark.rule("P7.1")
def test_the_database_keeps_signed_letters_as_they_are(exam: Exam) -> None:
    hold(exam, ("region_leader", "13"), ("region_director", "13"))
    make(exam)
    with acting(OFFICER):
        one = Letter.objects.order_by("pk").first()
        services.sign_on_paper(exam=exam, letter_ids=[one.pk], scan=SCAN, by=OFFICER, at=AT)
    for statement in FORGERIES.values():
        with acting(SYSTEM), connection.cursor() as cursor:
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(statement)


@pytest.mark.rule("P1.1", "P6.2")
def test_the_matrix_names_who_answers_and_who_is_missing(exam: Exam) -> None:
    hold(exam, ("region_leader", "13"), ("point_leader", "1301"), ("chief_examiner", "1301"))
    with acting(OFFICER):
        region, point = queries.matrices(exam, "/13/", ["13", "1301"])
    assert (region.responsible.first, region.responsible.direct) == ("李1", "")
    assert (point.responsible.first, point.responsible.direct) == ("李2", "李3")
    named = {line.task.code: line.names for line in point.lines}
    assert named["point_exam"] == ("李3",) and named["point_recordings"] == ()
    assert states(exam, board.responsible) == {"/13/": AMBER, "/13/1301/": GREEN}
    assert states(exam, board.tasks)["/13/1301/"] == AMBER
    hold(exam, ("region_director", "13"), first=40)
    assert states(exam, board.responsible) == {"/13/": GREEN, "/13/1301/": GREEN}
    with acting(OFFICER):
        pdf = services.print_matrix(exam=exam, office_codes=["13", "1301"], by=OFFICER, at=AT)
        assert pdf.startswith(b"%PDF") and Print.objects.filter(kind="responsibility_matrix").count() == 1


@pytest.mark.rule("P7.1")
def test_letters_are_printed_in_one_file(exam: Exam) -> None:
    hold(exam, ("region_leader", "13"), ("chief_examiner", "1301"))
    make(exam)
    with acting(OFFICER):
        ids = [row.pk for row in queries.letters(exam, "/13/")]
        pdf = services.print_letters(exam=exam, letter_ids=ids, by=OFFICER, at=AT)
        (row,) = Print.objects.filter(kind="responsibility_letter")
    assert pdf.startswith(b"%PDF") and row.pages == 2
    with pytest.raises(NotPermitted), acting(staff("region_officer", "11")):
        services.print_letters(exam=exam, letter_ids=ids, by=staff("region_officer", "11"), at=AT)


@pytest.mark.rule("P7.1")
def test_paper_is_no_way_around_the_level_above(exam: Exam) -> None:
    hold(exam, ("region_leader", "13"), ("point_leader", "1301"))
    make(exam)
    with acting(MANAGER):
        (row,) = Letter.objects.filter(exam=exam, above_code="13")

    def on_paper(by: Actor) -> None:
        with acting(by):
            services.sign_on_paper(exam=exam, letter_ids=[row.pk], scan=SCAN, by=by, at=AT)

    assert refused(lambda: on_paper(OFFICER)) == "security_letter_own_first"
    assert refused(lambda: on_paper(MANAGER)) == "security_letter_own_first", (
        "the point sees no letter of its region"
    )
