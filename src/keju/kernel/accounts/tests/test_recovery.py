"""Recovery tells nobody who has an account, gives five tries, and never the same code twice."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections

from keju.algorithms.identity import compose
from keju.kernel.accounts.models import Login, Recovery
from keju.kernel.accounts.permissions import ROLES
from keju.kernel.accounts.queries import counter_codes, identity_index
from keju.kernel.accounts.services import (
    NewCandidate,
    issue_counter_code,
    prepare_recovery,
    recover,
    recovery,
    request_recovery,
    review_recovery,
    sign_up,
)
from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.offices import Actor, acting

AT = datetime(2011, 6, 1, tzinfo=UTC)
SYSTEM = Actor.system("test")
NUMBER = compose("110101", date(1985, 3, 4), 7)
STRANGER = compose("110101", date(1986, 3, 4), 7)
NEW = "a sentence of the second year"


def staff(number: int, role: str, path: str = "/11/1101/") -> Actor:
    held = frozenset(str(p) for p in ROLES[role].permissions)
    return Actor(
        f"person:{number}", role, role, path.strip("/")[-4:], path, person_id=number, permissions=held
    )


@pytest.fixture
def login(db: None) -> Login:
    with acting(SYSTEM):
        person = NewCandidate(NUMBER, "李明", "+86 138-0000 0000")
        return sign_up(person=person, password="a sentence of the first year", by=SYSTEM, at=AT).login


def asked(number: str = NUMBER, phone: str = "13800000000", at: datetime = AT) -> int:
    return request_recovery(identity_index=identity_index(number), phone=phone, by=SYSTEM, at=at)


def code_for(recovery_id: int, at: datetime = AT) -> str | None:
    prepared = prepare_recovery(recovery_id=recovery_id, by=SYSTEM, at=at)
    return prepared.code if prepared else None


def used(recovery_id: int, code: str | None, at: datetime = AT) -> int | None:
    return recover(recovery_id=recovery_id, code=code or "", password=NEW, by=SYSTEM, at=at)


def opens(login: Login, password: str = NEW) -> bool:
    login.refresh_from_db()
    return check_password(password, login.password)


def test_number_and_telephone_bring_a_code_and_the_code_a_new_password(login: Login) -> None:
    before = login.get_session_auth_hash()
    wanted = asked()
    code = code_for(wanted)
    assert code is not None
    assert len(code) == 6
    assert used(wanted, f" {code[:3]} {code[3:]} ") is not None
    assert opens(login)
    assert login.get_session_auth_hash() != before  # every session made before has ended
    with acting(SYSTEM):
        kinds = set(Event.objects.filter(kind__startswith="accounts.recovery").values_list("kind", flat=True))
    assert kinds == {f"accounts.recovery.{what}" for what in ("requested", "prepared", "used")}


@pytest.mark.parametrize(
    ("number", "phone"), [(STRANGER, "13800000000"), (NUMBER, "13900000000"), (NUMBER, "")]
)
def test_asking_is_the_same_whoever_is_asked_for(login: Login, number: str, phone: str) -> None:
    """The same row and the same event; the difference is made later, by the worker."""
    right, wrong = asked(), asked(number, phone)
    with acting(SYSTEM):
        rows = Recovery.objects.in_bulk([right, wrong])
        events = (
            Event.objects.filter(kind="accounts.recovery.requested")
            .values_list("data", "office_path")
            .distinct()
        )
        assert len(events) == 1
    same = ("way", "office_path", "candidate_id", "tries", "made_by", "expires_at", "used_at")
    assert {getattr(rows[right], f) for f in same} == {getattr(rows[wrong], f) for f in same}
    assert code_for(wrong) is None
    assert used(wrong, "000000") is None


def test_a_code_serves_once(login: Login) -> None:
    wanted = asked()
    code = code_for(wanted)
    assert used(wanted, code) is not None
    assert used(wanted, code) is None


def test_five_tries_then_even_the_right_one_is_refused(login: Login) -> None:
    wanted = asked()
    code = code_for(wanted)
    wrong = "000000" if code != "000000" else "000001"
    assert [used(wanted, wrong) for _ in range(5)] == [None] * 5
    assert used(wanted, code) is None
    assert not opens(login)


def test_after_ten_minutes_it_is_worthless(login: Login) -> None:
    wanted = asked()
    assert used(wanted, code_for(wanted), AT + timedelta(minutes=10)) is None


def test_three_codes_an_hour_and_no_more(login: Login) -> None:
    codes = [code_for(asked(at=AT + timedelta(minutes=n)), AT + timedelta(minutes=n)) for n in range(5)]
    assert [code is not None for code in codes] == [True, True, True, False, False]
    later = AT + timedelta(minutes=70)
    assert code_for(asked(at=later), later) is not None


def test_a_code_is_made_once_however_often_the_worker_runs(login: Login) -> None:
    wanted = asked()
    assert code_for(wanted) is not None
    assert code_for(wanted) is None


def test_the_code_stands_nowhere(login: Login) -> None:
    wanted = asked()
    code = code_for(wanted)
    with acting(SYSTEM):
        row = Recovery.objects.filter(pk=wanted).values().get()
        events = list(
            Event.objects.filter(kind__startswith="accounts.recovery").values_list("data", flat=True)
        )
    assert code is not None
    assert code not in str({**row, "id": 0, "made_at": 0, "expires_at": 0})
    assert code not in str(events)
    assert len(bytes(row["code_hash"])) == 16


def test_a_clerk_who_has_seen_the_document_gives_a_code_and_another_looks_at_it(login: Login) -> None:
    clerk, manager = staff(1, "point_clerk"), staff(2, "point_manager")
    pk = login.candidate.pk
    with acting(clerk):
        first = issue_counter_code(candidate_id=pk, exam_slug="", by=clerk, at=AT)
        code = issue_counter_code(candidate_id=pk, exam_slug="", by=clerk, at=AT)
    index = identity_index(NUMBER)
    assert recover(identity_index=index, code=first, password=NEW, by=SYSTEM, at=AT) is None
    assert recover(identity_index=identity_index(STRANGER), code=code, password=NEW, by=SYSTEM, at=AT) is None
    assert recover(identity_index=index, code=code.lower(), password=NEW, by=SYSTEM, at=AT) == pk
    assert opens(login)
    with acting(manager):
        (row,) = (c.row for c in counter_codes(viewer=manager, days=30, at=AT) if c.row.used_at)
        review_recovery(recovery_id=row.pk, by=manager, at=AT)
        with pytest.raises(Stale):
            review_recovery(recovery_id=row.pk, by=manager, at=AT)
    with acting(SYSTEM):
        assert Event.objects.filter(kind="accounts.recovery.issued").count() == 2
        assert Event.objects.get(kind="accounts.recovery.reviewed").data == {"issued_by": "person:1"}


def test_nobody_looks_at_their_own_codes_nor_another_office_at_ours(login: Login) -> None:
    clerk = staff(1, "point_clerk")
    with acting(clerk):
        issue_counter_code(candidate_id=login.candidate.pk, exam_slug="", by=clerk, at=AT)
        row = counter_codes(viewer=clerk, days=1, at=AT)[0].row
        with pytest.raises(NotPermitted):
            review_recovery(recovery_id=row.pk, by=clerk, at=AT)
    both = staff(1, "point_manager")
    with acting(both), pytest.raises(ValidationError):
        review_recovery(recovery_id=row.pk, by=both, at=AT)
    abroad = staff(3, "point_manager", "/12/1201/")
    with acting(abroad):
        assert not counter_codes(viewer=abroad, days=1, at=AT)
        with pytest.raises(NotPermitted):
            review_recovery(recovery_id=row.pk, by=abroad, at=AT)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limited", [True, False])
def test_sixteen_tries_at_once_are_five(login: Login, monkeypatch: pytest.MonkeyPatch, limited: bool) -> None:
    """A try counts before it is compared; where the limit is left out, the table itself refuses the sixth."""
    wanted = asked()
    right = code_for(wanted)
    if not limited:
        monkeypatch.setattr(recovery, "TRIES", 99)
    wrong = "000000" if right != "000000" else "000001"

    def attempt(_: int) -> str:
        try:
            return str(used(wanted, wrong))
        except IntegrityError as error:
            return "refused" if "accounts_recovery_tries" in str(error) else str(error)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as crowd:
        answers = Counter(crowd.map(attempt, range(16)))
    with acting(SYSTEM):
        assert Recovery.objects.get(pk=wanted).tries == 5
    assert answers == ({"None": 16} if limited else {"None": 5, "refused": 11})
    if limited:
        assert used(wanted, right) is None
