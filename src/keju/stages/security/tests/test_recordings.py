"""Recordings: entered, missing, verified, replayed, and destroyed only after their term by a signed order."""

import hashlib
from dataclasses import replace
from datetime import date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.utils import DatabaseError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from keju.kernel.accounts import services as accounts
from keju.kernel.approvals import services as approvals
from keju.kernel.approvals.models import Proposal
from keju.kernel.audit.models import Event
from keju.kernel.calendar import CHINA
from keju.kernel.duties import services as duties
from keju.kernel.duties.models import Obligation
from keju.kernel.exams.models import Exam
from keju.kernel.exams.services import set_milestone
from keju.kernel.jobs.tests.office import signed_in
from keju.kernel.offices import Actor, acting
from keju.kernel.readiness import AMBER, GREEN
from keju.kernel.sheets import write_csv
from keju.rulebook import RuleRefused
from keju.stages.security.models import Disposal, Finding, Recording
from keju.stages.security.pages import recordings as pages
from keju.stages.security.queries import recordings as queries
from keju.stages.security.readiness import recordings as board
from keju.stages.security.rules import recordings as rules
from keju.stages.security.services import disposing
from keju.stages.security.services import recordings as services
from keju.stages.security.services.findings import NewFinding
from keju.stages.security.services.recordings import NewRecording
from keju.stages.security.tests.year import MANAGER, make_year, on, person
from keju.stages.venues import services as venues
from keju.stages.venues.models import Room, Site
from keju.stages.venues.tests.year import SYSTEM, look, staff

HOME = "/office/exam-2012/security/"
AFTER = on(17, 9)
LATER = datetime(2013, 3, 20, 9, 0, tzinfo=CHINA)


@pytest.fixture
def exam(db: None, settings: object, tmp_path: object) -> Exam:
    settings.FILES_ROOT = tmp_path  # type: ignore[attr-defined]
    return reported("physician")


def reported(programme: str) -> Exam:
    """A site of two exam rooms with cameras, reported."""
    made = make_year(programme)
    with acting(SYSTEM):
        Room.objects.filter(kind="exam").update(cameras=True)
        site = Site.objects.get()
    look(made, site)
    with acting(SYSTEM):
        for item in ("surveyed",) if programme == "physician" else ():
            venues.attest(exam=made, site_code=site.code, item_code=item, settled=True, by=SYSTEM, at=on(1))
        venues.report_site(exam=made, site_code=site.code, by=SYSTEM, at=on(1))
    return made


def sha(n: int) -> str:
    return hashlib.sha256(str(n).encode()).hexdigest()


def entered(exam: Exam, *pairs: tuple[int, int], at: object = AFTER, **changed: object) -> list[Recording]:
    """Recordings of these (room, session)."""
    keeper = person("1301", "保管员")
    rows = [
        replace(
            NewRecording(
                "1301-01", room, session, "硬盘A", sha(room * 10 + session), 10**9, keeper, "保密柜"
            ),
            **changed,
        )  # type: ignore[arg-type]
        for room, session in pairs
    ]
    with acting(MANAGER):
        return services.enter_recordings(exam=exam, rows=rows, by=MANAGER, at=at)  # type: ignore[arg-type]


def lesson(source: str = "replay") -> NewFinding:
    return NewFinding(
        "1301-01",
        "第40分钟有人递纸条",
        "major",
        "1301-01",
        person("1301-01"),
        date(2012, 9, 19),
        source=source,
    )


def codes(refused: pytest.ExceptionInfo[RuleRefused]) -> list[tuple[str, str]]:
    return [(r.rule, r.code) for r in refused.value.refusals]


@pytest.mark.rule("P2.2", "V14.1")
def test_six_months_end_on_the_same_day_or_the_months_last() -> None:
    assert rules.keep_until(date(2012, 9, 16), 6) == date(2013, 3, 16)
    assert rules.keep_until(date(2012, 8, 31), 6) == date(2013, 2, 28)
    assert rules.keep_until(date(2012, 12, 31), 12) == date(2013, 12, 31)


@pytest.mark.rule("P7.2")
@given(st.integers(0, 60), st.integers(0, 100))
def test_the_sample_is_so_many_percent_and_at_least_one_whatever_the_order(n: int, percent: int) -> None:
    shas = [sha(one) for one in range(n)]
    found = rules.sample("x", shas, percent)
    assert len(found) == (0 if not shas or not percent else max(1, -(-len(shas) * percent // 100)))
    assert set(found) <= set(shas) and found == rules.sample("x", shas[::-1], percent)


@pytest.mark.rule("P2.2")
def test_the_register_says_what_is_missing_and_until_when(exam: Exam) -> None:
    with acting(MANAGER):
        assert queries.gaps(exam, "/13/1301/", on(15, 9)) == []
        assert len(queries.gaps(exam, "/13/1301/", AFTER)) == 8
    (row,) = entered(exam, (1, 1))
    assert row.keep_until == date(2013, 3, 16)
    with acting(SYSTEM):
        assert len(queries.gaps(exam, "/13/", AFTER)) == 7 and ("1301-01", 1, 1) not in queries.gaps(
            exam, "/13/", AFTER
        )
        states = {r.rule: (r.state, r.lacking) for r in board.recordings(exam, "/13/", AFTER)}
        event = Event.objects.get(kind="security.recordings.entered")
    assert states == {"P2.2": (AMBER, 7), "P7.2": (AMBER, 1)} and event.rules == ["P2.2"]


@pytest.mark.rule("P2.2")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"room": 99}, "security_recording_room"),
        ({"session": 9}, "security_recording_session"),
        ({"sha256": "abc"}, "security_recording_sha"),
        ({"size": 0}, "security_recording_size"),
        ({"custodian_id": 0}, "security_recording_keeper"),
        ({"place": " "}, "security_recording_place"),
        ({"site_code": "2301-01"}, "security_recording_room"),
    ],
)
def test_a_recording_is_of_a_room_and_session_and_with_somebody(
    exam: Exam, changed: dict[str, object], code: str
) -> None:
    with pytest.raises(RuleRefused) as refused:
        entered(exam, (1, 1), **changed)
    assert codes(refused) == [("P2.2", code)]


@pytest.mark.rule("P2.2")
def test_the_same_recording_twice_or_before_the_session_ends_is_refused(exam: Exam) -> None:
    entered(exam, (1, 1))
    for pairs, at, code in (
        (((1, 1),), AFTER, "security_recording_known"),
        (((1, 2),), on(15, 9, 8), "security_recording_session"),
    ):
        with pytest.raises(RuleRefused) as refused:
            entered(exam, *pairs, at=at)
        assert codes(refused) == [("P2.2", code)]


@pytest.mark.rule("P2.2", "P7.2")
def test_a_difference_and_something_odd_become_findings(exam: Exam) -> None:
    (row,) = entered(exam, (1, 1))
    with acting(MANAGER):
        check = {"exam": exam, "recording_id": row.pk, "by": MANAGER, "at": AFTER}
        assert services.verify(sha256=row.sha256, **check).matches  # type: ignore[arg-type]
        with pytest.raises(RuleRefused) as alone:
            services.verify(sha256=sha(1), **check)  # type: ignore[arg-type]
        assert codes(alone) == [("P2.2", "security_replay_odd")]
        assert not services.verify(sha256=sha(1), finding=lesson("recording"), **check).matches  # type: ignore[arg-type]
        watch = {"from_minute": 30, "to_minute": 45, **check}
        with pytest.raises(RuleRefused) as silent:
            services.replay(seen=" ", **watch)  # type: ignore[arg-type]
        assert codes(silent) == [("P7.2", "security_no_evidence")]
        made = services.replay(seen="有人递纸条", finding=lesson(), **watch)  # type: ignore[arg-type]
        assert made.odd and made.finding
    with acting(SYSTEM):
        assert sorted(Finding.objects.values_list("source", flat=True)) == ["recording", "replay"]
        states = {r.rule: r.state for r in board.recordings(exam, "/13/", AFTER)}
    assert states["P7.2"] == GREEN


def proposed(exam: Exam, rows: list[Recording], at: object = LATER) -> tuple[object, Actor]:
    manager = replace(MANAGER, person_id=person("1301", "经办"))
    with acting(manager):
        order = disposing.propose_disposal(
            exam=exam,
            recording_ids=[r.pk for r in rows],
            reason="保存期满",
            by=manager,
            at=at,  # type: ignore[arg-type]
        )
    return order, manager


def sign(order: object, role: str, code: str) -> None:
    who = person(code, role)
    leader = replace(staff(role, code), ref=f"person:{who}", person_id=who)
    with acting(SYSTEM):
        (secret,) = accounts.issue_signing_codes(person_id=who, count=1, by=SYSTEM, at=LATER)
        row = Proposal.objects.get(pk=order.proposal)  # type: ignore[attr-defined]
    with acting(leader):
        assert approvals.sign(
            proposal_id=row.pk, content_hash=row.content_hash, code=secret, by=leader, at=LATER
        )


@pytest.mark.rule("P2.2")
def test_destroyed_only_after_the_term_by_an_order_of_two_leaders(exam: Exam) -> None:
    rows = entered(exam, (1, 1), (1, 2))
    with pytest.raises(RuleRefused) as early:
        proposed(exam, rows, at=datetime(2013, 3, 16, 12, 0, tzinfo=CHINA))
    assert codes(early) == [("P2.2", "security_disposal_early")]
    order, manager = proposed(exam, rows)
    done = {"exam": exam, "disposal_id": order.pk, "how": "消磁，三人在场", "by": manager, "at": LATER}  # type: ignore[attr-defined]
    for role, code in (("point_leader", "1301"), ("region_leader", "13")):
        with acting(manager), pytest.raises(RuleRefused) as unsigned:
            disposing.dispose(**done)  # type: ignore[arg-type]
        assert codes(unsigned) == [("P2.2", "security_disposal_unsigned")]
        sign(order, role, code)
    with acting(manager):
        assert disposing.dispose(**done) == 2  # type: ignore[arg-type]
    with acting(SYSTEM):
        assert not Recording.objects.filter(disposed_at=None).exists()
        assert Obligation.objects.get(code="P2.2", owner_code="1301").discharged_at == LATER
        assert Event.objects.get(kind="security.recordings.disposed").rules == ["P2.2"]


@pytest.mark.rule("P2.2")
def test_the_database_lets_nobody_destroy_early_unsigned_or_quietly(exam: Exam) -> None:
    (row,) = entered(exam, (1, 1))
    order, _ = proposed(exam, [row])
    mine = Recording.objects.filter(pk=row.pk)
    changes = {
        "until its term": {"disposed_at": AFTER, "disposal_id": order.pk},  # type: ignore[attr-defined]
        "signed order": {"disposed_at": LATER, "disposal_id": order.pk},  # type: ignore[attr-defined]
        "not shortened": {"keep_until": date(2013, 1, 1)},
        "stays what it is": {"sha256": sha(99)},
    }
    for said, change in changes.items():
        with acting(SYSTEM), pytest.raises(DatabaseError, match=said), transaction.atomic():
            mine.update(**change)
    with acting(SYSTEM), pytest.raises(DatabaseError, match="not deleted"), transaction.atomic():
        mine.delete()


@pytest.mark.rule("V14.1")
def test_the_adopted_rules_keep_recordings_as_long(db: None) -> None:
    exam = reported("veterinarian")
    (row,) = entered(exam, (1, 1))
    assert (
        row.keep_until == date(2013, 3, 16) and queries.clause(exam) == queries.replay_clause(exam) == "V14.1"
    )


@pytest.mark.rule("P2.2", "P7.2")
def test_recordings_on_their_pages(exam: Exam, client: Client) -> None:
    signed_in(client, "1301", "point_manager")
    person("1301", "周保管")
    values = ["1301-01", "1", "1", "硬盘B", sha(7), "5000", "周保管", "保密柜"]

    def sent(*rows: list[str]) -> int:
        file = SimpleUploadedFile("r.csv", write_csv(services.COLUMNS, rows), "text/csv")
        return int(client.post(f"{HOME}recordings/import/", {"file": file}).status_code)

    assert sent([*values[:6], "无名", "柜"]) == 409
    assert sent(values) == 302
    with acting(SYSTEM):
        row = Recording.objects.get()
    there = f"{HOME}recordings/{row.pk}/"
    watched = {"from_minute": 0, "to_minute": 10, "seen": "正常"}
    assert client.post(there + "replay/", {**watched, "odd": "on"}).status_code == 409
    assert client.post(there + "replay/", watched).status_code == 302
    assert client.post(there + "verify/", {"sha256": sha(8)}).status_code == 409
    assert client.post(there + "verify/", {"sha256": sha(7)}).status_code == 302
    assert client.post(f"{HOME}disposals/propose/", {"reason": ""}).status_code == 409
    assert client.post(f"{HOME}disposals/propose/", {"reason": "期满"}).status_code == 302
    for address in (
        "recordings/",
        "recordings/?site=1301-01&session=1",
        "recordings/export/",
        "recordings/template/",
        "disposals/",
    ):
        assert client.get(HOME + address).status_code == 200, address
    assert "正常" in client.get(there).content.decode()


@pytest.mark.rule("P2.2")
def test_where_the_exam_was_put_off_the_term_begins_after_it(exam: Exam) -> None:
    assert queries.exam_ends(exam, "/13/1301/01/") == date(2012, 9, 16)
    with acting(SYSTEM):
        later = datetime(2012, 11, 10, 9, 0, tzinfo=CHINA)
        set_milestone(exam=exam, key="exam_day", when=later, office_path="/13/", by=SYSTEM, at=on(1))
    assert queries.exam_ends(exam, "/13/1301/01/") == date(2012, 11, 11)
    assert queries.keep_until(exam, "/13/1301/01/") == date(2013, 5, 11)


@pytest.mark.rule("P2.2")
def test_the_database_keeps_an_order_as_it_was_proposed(exam: Exam) -> None:
    one, other = entered(exam, (1, 1), (2, 1))
    order, _ = proposed(exam, [one])
    mine = Disposal.objects.filter(pk=order.pk)  # type: ignore[attr-defined]
    for change in ({"recordings": [one.pk, other.pk]}, {"state": "approved"}, {"proposal": None}):
        with acting(SYSTEM), pytest.raises(DatabaseError, match="order of disposal"), transaction.atomic():
            mine.update(**change)
    with acting(SYSTEM), pytest.raises(DatabaseError, match="order of disposal"), transaction.atomic():
        mine.delete()


@pytest.mark.rule("P2.2")
def test_what_was_kept_for_its_term_is_reported_without_destroying_anything(
    exam: Exam, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered(exam, (1, 1), (1, 2))
    with acting(SYSTEM):
        duties.reach(exam=exam, key="exam_ends", when=AFTER, by=SYSTEM, at=AFTER)
    signed_in(client, "1301", "point_manager")
    there = f"{HOME}recordings/kept/1301/"
    monkeypatch.setattr(pages, "now", lambda exam: AFTER)
    early = client.post(there)
    assert early.status_code == 409 and "保存到2013年3月16日" in early.content.decode()
    with acting(SYSTEM):
        assert Obligation.objects.get(code="P2.2", owner_code="1301").discharged_at is None
        assert not Event.objects.filter(kind="security.recordings.kept").exists()
    assert there not in client.get(f"{HOME}recordings/").content.decode()
    monkeypatch.setattr(pages, "now", lambda exam: LATER)
    assert there in client.get(f"{HOME}recordings/").content.decode()
    assert client.post(f"{HOME}recordings/kept/1302/").status_code == 409, "of another point nothing is known"
    assert client.post(there).status_code == 302
    with acting(SYSTEM):
        assert Obligation.objects.get(code="P2.2", owner_code="1301").discharged_at == LATER
        event = Event.objects.get(kind="security.recordings.kept")
        assert event.rules == ["P2.2"] and event.data["evidence"].startswith("2 recordings kept")
        assert not Recording.objects.exclude(disposed_at=None).exists()
    assert there not in client.get(f"{HOME}recordings/").content.decode()
    said = client.post(
        "/api/v1/security/exam-2012/recordings/kept", {"point_code": "1301"}, content_type="application/json"
    )
    assert said.status_code == 200 and said.json() == {"count": 0}, "it is done already"
