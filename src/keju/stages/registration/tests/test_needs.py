"""What a candidate needs: asked for, granted with grounds that stay sealed, told, exported, given to the planner."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.db.utils import ProgrammingError
from django.test import Client
from django.urls import reverse

from keju.kernel.accounts.models import Candidate
from keju.kernel.accounts.permissions import ROLES
from keju.kernel.audit import NotPermitted
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Message
from keju.kernel.notices.tests.year import signed_in as staff_signed_in
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.stages.registration import queries, services
from keju.stages.registration.models import Need, Registration
from keju.stages.registration.services import needing
from keju.stages.registration.tests.test_registering import AT, SYSTEM, make_exam, registered, submission


def staff(role: str, code: str) -> Actor:
    permissions = frozenset(str(p) for p in ROLES[role].permissions)
    return Actor(f"person:{role}-{code}", role, role, code, path_of(code), permissions=permissions)


CLERK = staff("point_clerk", "1301")
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def exam(db: None) -> Exam:
    return make_exam()


@pytest.fixture
def registration(exam: Exam) -> Registration:
    _, pk = registered(exam, submission(point_code="1301"))
    registered(exam, submission(2, point_code="1301"))
    with acting(SYSTEM):
        return Registration.objects.get(pk=pk)


def owner(registration: Registration) -> Actor:
    return Actor(f"candidate:{registration.candidate_id}", "", "candidate", candidate_id=registration.candidate_id,
                 permissions=frozenset({"registration:own:edit"}))  # fmt: skip


def ask(exam: Exam, registration: Registration, *kinds: str) -> list[str]:
    by = owner(registration)
    with acting(by):
        return services.ask_needs(
            exam=exam, registration_id=registration.pk, kinds=kinds, note="坐轮椅", by=by, at=AT
        )


def decide(
    exam: Exam, registration: Registration, *kinds: str, by: Actor = CLERK, reason: str = "残疾人证"
) -> None:
    with acting(by):
        services.decide_needs(
            exam=exam, registration_id=registration.pk, granted=kinds, reason=reason, by=by, at=AT
        )


def test_asked_for_granted_and_declined_with_sealed_grounds(exam: Exam, registration: Registration) -> None:
    assert ask(exam, registration, "step_free", "extra_time") == ["extra_time", "step_free"]
    assert ask(exam, registration, "step_free", "near_door") == ["near_door"]
    decide(exam, registration, "step_free", "separate_room")
    with acting(CLERK):
        found = {
            n.kind.code: n for n in queries.needs(viewer=CLERK, exam=exam, registration_id=registration.pk)
        }
        assert {kind: n.state for kind, n in found.items()} == {
            "step_free": "granted", "near_door": "declined", "separate_room": "granted", "extra_time": "declined"
        }  # fmt: skip
        assert (found["step_free"].note, found["step_free"].reason) == ("坐轮椅", "残疾人证")
        assert queries.granted_needs(exam, "/13/") == {registration.pk: ["separate_room", "step_free"]}
        people = queries.crowd(
            viewer=CLERK,
            exam=exam,
            ids=[registration.pk, registration.pk + 1],
            categories=["general"],
            groups=True,
        )
        assert people.needs == [5, 0]
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(encode(note, 'escape') || encode(reason, 'escape'), '') FROM registration_need"
        )
        stored = cursor.fetchone()[0]
        events = list(
            Event.objects.filter(kind__startswith="registration.needs")
            .order_by("id")
            .values_list("data", flat=True)
        )
        assert Message.objects.filter(kind="registration.needs").count() == 2
    assert "残疾" not in stored and "轮椅" not in stored and "残疾" not in str(events)
    assert len(events) == 3
    assert {"granted": ["separate_room", "step_free"], "declined": ["extra_time", "near_door"]} in events


def test_who_may_not_and_what_is_not_there(exam: Exam, registration: Registration) -> None:
    with pytest.raises(ValidationError):
        ask(exam, registration, "champagne")
    with pytest.raises(ValidationError):
        decide(exam, registration, "step_free", reason=" ")
    with pytest.raises(NotPermitted):
        decide(exam, registration, "step_free", by=staff("point_clerk", "1101"))
    with pytest.raises(NotPermitted):
        decide(exam, registration, "step_free", by=staff("region_officer", "13"))
    with acting(SYSTEM):
        assert not Need.objects.exists()


def test_the_database_lets_no_candidate_grant(exam: Exam, registration: Registration) -> None:
    with pytest.raises(ProgrammingError, match="does not grant"), acting(owner(registration)):
        Need.objects.create(
            registration=registration, candidate_id=registration.candidate_id, office_path="/13/1301/",
            kind="step_free", state="granted", asked_at=AT, decided_by="x", decided_at=AT,
        )  # fmt: skip
    ask(exam, registration, "step_free")
    with acting(owner(registration)):
        assert Need.objects.update(state="granted", decided_by="x", decided_at=AT) == 0


def test_a_need_goes_where_its_registration_goes(exam: Exam, registration: Registration) -> None:
    ask(exam, registration, "step_free")
    with acting(SYSTEM):
        Registration.objects.filter(pk=registration.pk).update(office_path="/11/1101/", point_code="1101")
    with acting(staff("point_clerk", "1101")):
        assert Need.objects.get().office_path == "/11/1101/"
    with acting(CLERK):
        assert not Need.objects.exists()


def test_nobody_declines_what_nobody_has_seen(exam: Exam, registration: Registration, client: Client) -> None:
    ask(exam, registration, "step_free")
    staff_signed_in(client, "1301", "point_clerk")
    there = reverse("registration-detail", kwargs={"exam": exam.slug, "registration_id": registration.pk})
    shown = client.get(there).content.decode()
    assert 'name="seen" value="step_free"' in shown and 'name="seen" value="near_door"' not in shown
    ask(exam, registration, "near_door")
    sent = {"seen": ["step_free"], "granted": ["step_free"], "reason": "残疾人证"}
    assert client.post(f"{there}needs/", sent).status_code == 409
    with acting(SYSTEM):
        assert set(Need.objects.values_list("state", flat=True)) == {"asked"}
    assert client.post(f"{there}needs/", sent | {"seen": ["step_free", "near_door"]}).status_code == 302
    with acting(SYSTEM):
        states = dict(Need.objects.values_list("kind", "state"))
    assert states == {"step_free": "granted", "near_door": "declined"}


def test_the_api_asks_and_decides_and_keeps_the_words_from_others(
    exam: Exam, registration: Registration, client: Client
) -> None:
    base = f"/api/v1/registration/{exam.slug}"
    theirs = f"{base}/registrations/{registration.pk}/needs"
    with acting(SYSTEM):
        login = Candidate.objects.get(pk=registration.candidate_id).login
    client.force_login(login, backend=BACKEND)
    asked = {"kinds": ["step_free"], "note": "坐轮椅"}
    assert client.post(f"{base}/own/needs", asked, "application/json").status_code == 201
    assert client.post(f"{base}/own/needs", {"kinds": ["x"]}, "application/json").status_code == 422
    decision = {"granted": ["step_free"], "seen": [], "reason": "残疾人证"}
    assert client.put(theirs, decision, "application/json").status_code == 403, "candidates decide nothing"
    clerk, region, stranger = Client(), Client(), Client()
    staff_signed_in(clerk, "1301", "point_clerk")
    staff_signed_in(region, "13", "region_officer")
    staff_signed_in(stranger, "1101", "point_clerk")
    assert clerk.put(theirs, decision, "application/json").status_code == 409, "it was not seen"
    decided = clerk.put(theirs, decision | {"seen": ["step_free"]}, "application/json")
    assert decided.status_code == 200

    def told(who: Client, where: str = theirs) -> dict[str, object]:
        return next(one for one in who.get(where).json() if one["kind"] == "step_free")

    assert (told(clerk)["state"], told(clerk)["note"], told(clerk)["reason"]) == (
        "granted",
        "坐轮椅",
        "残疾人证",
    )
    assert (told(region)["state"], told(region)["note"], told(region)["reason"]) == ("granted", "", "")
    assert region.put(theirs, decision, "application/json").status_code == 403
    assert stranger.get(theirs).status_code == 404
    assert stranger.put(theirs, decision, "application/json").status_code == 404
    own = told(client, f"{base}/own/needs")
    assert (own["state"], own["note"]) == ("granted", "坐轮椅") and "reason" not in own


@pytest.mark.django_db(transaction=True)
def test_two_clicks_ask_once(exam: Exam, registration: Registration, monkeypatch: pytest.MonkeyPatch) -> None:
    together = Barrier(2, timeout=10)
    known = needing._known

    def at_once(*args: object) -> set[str]:
        found = known(*args)  # type: ignore[arg-type]
        together.wait()
        return found

    monkeypatch.setattr(needing, "_known", at_once)

    def click(_: int) -> None:
        try:
            ask(exam, registration, "step_free")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(click, range(2)))
    with acting(SYSTEM):
        assert Need.objects.count() == 1
