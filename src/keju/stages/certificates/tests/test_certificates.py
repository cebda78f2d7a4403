"""Chapter 18 through the services, against PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.documents.models import Print, Voiding
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Message
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.certificates import queries, services
from keju.stages.certificates.models import Certificate, Collection, Grant, Reissue
from keju.stages.certificates.services import Handover
from keju.stages.certificates.services.printing import code_of
from keju.stages.results.tests.year import (
    AT,
    BEIJING,
    CERTIFIER,
    CLERK,
    HEBEI,
    HEBEI_CLERK,
    SYSTEM,
    candidate,
    released_exam,
    sat_exam,
)


@pytest.fixture
def exam(db: None) -> Exam:
    exam = released_exam()
    with acting(CERTIFIER):
        services.grant(exam=exam, by=CERTIFIER, at=AT)
    return exam


@pytest.fixture
def delivered(exam: Exam) -> Exam:
    with acting(CERTIFIER):
        services.deliver(exam=exam, point_codes=["1101", "1301"], by=CERTIFIER, at=AT)
    return exam


def codes_of(refused: pytest.ExceptionInfo[RuleRefused]) -> set[str]:
    return {r.code for r in refused.value.refusals}


def collect(exam: Exam, *handovers: Handover, by: Actor = CLERK) -> list[Collection]:
    with acting(by):
        return services.record_collection(exam=exam, handovers=handovers, by=by, at=AT)


@pytest.mark.rule("V18.1.1", "V5.3.0")
def test_everybody_who_passed_has_one_numbered_certificate(exam: Exam) -> None:
    with acting(SYSTEM):
        found = {c.grant.ticket_number: c for c in Certificate.objects.select_related("grant")}
        assert Message.objects.filter(kind="certificates").count() == 4
    assert {t[-1]: c.number for t, c in found.items()} == {
        "1": "201111000001",
        "2": "201111000002",
        "4": "201111000003",
        "6": "201113000001",
    }
    assert {t[-1]: (c.grant.category, c.grant.level) for t, c in found.items()} == {
        "1": ("general", "licensed"),
        "2": ("general", "assistant"),
        "4": ("aquatic", "licensed"),
        "6": ("general", "licensed"),
    }
    with acting(CERTIFIER), pytest.raises(RuleRefused) as refused:
        services.grant(exam=exam, by=CERTIFIER, at=AT)
    assert codes_of(refused) == {"certificates_nobody_waits"}


@pytest.mark.rule("V18.1.1")
def test_nothing_is_granted_before_the_release_or_by_somebody_else(db: None) -> None:
    exam = sat_exam()
    with acting(CERTIFIER), pytest.raises(RuleRefused) as refused:
        services.grant(exam=exam, by=CERTIFIER, at=AT)
    assert codes_of(refused) == {"certificates_not_released"}
    with acting(BEIJING), pytest.raises(NotPermitted):
        services.grant(exam=exam, by=BEIJING, at=AT)


@pytest.mark.rule("V18.1.1")
def test_each_printed_certificate_stands_in_the_ledger(exam: Exam) -> None:
    with acting(CERTIFIER):
        ids = queries.ids(viewer=CERTIFIER, exam=exam, region_code="11")
        pdf = services.print_certificates(exam=exam, certificate_ids=ids, by=CERTIFIER, at=AT)
    from keju.kernel.documents.counting import page_count

    assert page_count(pdf) == len(ids) == 3
    with acting(SYSTEM):
        found = Print.objects.filter(kind="certificate").order_by("subject").values_list("subject", "copy")
        assert list(found) == [(f"certificate:2011110000{n:02d}", 1) for n in (1, 2, 3)]


@pytest.mark.rule("V18.1.1")
def test_delivery_is_counted_at_both_ends(exam: Exam) -> None:
    with acting(CERTIFIER):
        (sent,) = services.deliver(exam=exam, point_codes=["1101"], by=CERTIFIER, at=AT)
        assert sent.count == 3
        with pytest.raises(RuleRefused) as refused:
            services.deliver(exam=exam, point_codes=["1101"], by=CERTIFIER, at=AT)
        assert codes_of(refused) == {"certificates_delivered_already"}
    with acting(CLERK), pytest.raises(RuleRefused) as refused:
        services.receive_delivery(exam=exam, point_code="1101", counted=2, by=CLERK, at=AT)
    assert codes_of(refused) == {"certificates_count"}
    with acting(CLERK):
        assert (
            services.receive_delivery(exam=exam, point_code="1101", counted=3, by=CLERK, at=AT).received_at
            == AT
        )
        (line,) = queries.points(viewer=CLERK, exam=exam)
    assert (line.valid, line.sent, line.collected) == (3, 3, 0)
    with acting(HEBEI_CLERK), pytest.raises(RuleRefused):
        services.receive_delivery(exam=exam, point_code="1101", counted=3, by=HEBEI_CLERK, at=AT)


@pytest.mark.rule("V18.1.1")
def test_collected_in_person_once_at_the_own_point(delivered: Exam) -> None:
    with pytest.raises(RuleRefused) as refused:
        collect(delivered, Handover("201111000001", identity_seen=False))
    assert codes_of(refused) == {"certificates_identity_card"}
    collect(delivered, Handover("201111000001", identity_seen=True))
    with pytest.raises(RuleRefused) as refused:
        collect(delivered, Handover("201111000001", identity_seen=True))
    assert codes_of(refused) == {"certificates_collected_already"}
    with pytest.raises(RuleRefused) as refused:
        collect(delivered, Handover("201113000001", identity_seen=True))
    assert codes_of(refused) == {"certificates_no_certificate"}
    with acting(SYSTEM):
        assert Event.objects.filter(kind="certificates.collection.recorded").count() == 1


@pytest.mark.rule("V18.1.2", "V5.3.1b")
@pytest.mark.parametrize(
    ("diploma", "copies", "goes"), [(False, 2, False), (True, 1, False), (True, 2, True)]
)
def test_a_graduating_student_hands_in_the_diploma_and_two_copies(
    delivered: Exam, diploma: bool, copies: int, goes: bool
) -> None:
    handover = Handover("201111000002", identity_seen=True, diploma=diploma, copies=copies)
    if goes:
        assert collect(delivered, handover)[0].diploma_owed
        return
    with pytest.raises(RuleRefused) as refused:
        collect(delivered, handover)
    assert [(r.rule, r.code) for r in refused.value.refusals] == [("V18.1.2", "certificates_diploma")]
    with acting(SYSTEM):
        assert not Collection.objects.exists()


@pytest.mark.rule("V18.1.1")
def test_not_collected_before_it_was_sent_and_a_batch_stands_or_falls_together(exam: Exam) -> None:
    with pytest.raises(RuleRefused) as refused:
        collect(exam, Handover("201111000001", identity_seen=True))
    assert codes_of(refused) == {"certificates_not_delivered"}
    with acting(CERTIFIER):
        services.deliver(exam=exam, point_codes=["1101"], by=CERTIFIER, at=AT)
    with pytest.raises(RuleRefused):
        collect(
            exam, Handover("201111000001", identity_seen=True), Handover("201111000002", identity_seen=True)
        )
    with acting(SYSTEM):
        assert not Collection.objects.exists()


def passed(exam: Exam, request: Reissue, by: Actor, **more: object) -> Reissue:
    with acting(by):
        return services.pass_reissue(
            exam=exam, request_id=request.pk, version=request.version, by=by, at=AT, **more
        )


@pytest.mark.rule("V18.2")
def test_a_lost_certificate_is_replaced_after_three_levels(delivered: Exam) -> None:
    exam = delivered
    with acting(CERTIFIER):
        services.print_certificates(
            exam=exam,
            certificate_ids=queries.ids(viewer=CERTIFIER, exam=exam, point_code="1101"),
            by=CERTIFIER,
            at=AT,
        )
    me = candidate(1)
    with acting(me):
        request = services.ask_reissue(exam=exam, number="201111000001", reason="遗失", by=me, at=AT)
        with pytest.raises(RuleRefused) as refused:
            services.ask_reissue(exam=exam, number="201111000001", reason="遗失", by=me, at=AT)
    assert codes_of(refused) == {"certificates_asked_already"}
    with pytest.raises(RuleRefused) as refused:
        passed(exam, request, CLERK)
    assert codes_of(refused) == {"certificates_identity_copy"}
    with pytest.raises(RuleRefused) as refused:
        passed(exam, request, BEIJING)
    assert codes_of(refused) == {"certificates_not_your_turn"}
    at_point = passed(exam, request, CLERK, identity_copy=True)
    with pytest.raises(Stale):
        passed(exam, request, CLERK, identity_copy=True)
    with pytest.raises(Reissue.DoesNotExist):
        passed(exam, at_point, HEBEI)
    done = passed(exam, passed(exam, at_point, BEIJING), CERTIFIER)
    assert done.replacement is not None and done.replacement.number == "201111000004"
    with acting(SYSTEM):
        old = Certificate.objects.get(number="201111000001")
        assert (old.state, done.replacement.state, done.replacement.issue) == ("void", "valid", 2)
        assert Grant.objects.count() == 4
        assert Voiding.objects.filter(kind="certificate", subject="certificate:201111000001").exists()
    assert queries.verify(text="201111000001", exam=exam).state == "void"
    assert queries.verify(text="201111000004", exam=exam).state == "valid"
    assert queries.verify(text=code_of(exam, "201111000001")).state == "void"
    collect(exam, Handover("201111000004", identity_seen=True))


@pytest.mark.rule("V18.2")
def test_a_refused_request_leaves_the_certificate_and_may_be_made_again(exam: Exam) -> None:
    with acting(CLERK):
        request = services.ask_reissue(exam=exam, number="201111000001", reason="遗失", by=CLERK, at=AT)
        refused = services.refuse_reissue(
            exam=exam, request_id=request.pk, version=1, reason="身份证复印件不清", by=CLERK, at=AT
        )
        assert refused.state == "refused"
        services.ask_reissue(exam=exam, number="201111000001", reason="遗失", by=CLERK, at=AT)
    assert queries.verify(text="201111000001", exam=exam).state == "valid"
    other = candidate(2)
    with acting(other), pytest.raises(RuleRefused) as not_mine:
        services.ask_reissue(exam=exam, number="201111000001", reason="x", by=other, at=AT)
    assert codes_of(not_mine) == {"certificates_no_certificate"}


@pytest.mark.rule("V18.1.1", "V18.2")
def test_anybody_verifies_by_code_or_number_and_learns_no_name(exam: Exam) -> None:
    with acting(Actor.anybody()):
        by_code = queries.verify(text=code_of(exam, "201111000001"))
        by_number = queries.verify(text=" 201111000001 ", exam=exam)
        assert by_code == by_number
        assert (by_code.state, by_code.name, by_code.level) == ("valid", "欧***", "licensed")
        for text in ("201111000009", "", "x" * 5000, code_of(exam, "201111000001")[:-3] + "abc"):
            assert queries.verify(text=text, exam=exam).state == "unknown"
        assert (
            queries.verify(text="201111000001").state == "unknown"
        )  # a number says nothing without its exam


def test_offices_and_candidates_see_their_own(exam: Exam) -> None:
    for viewer, expected in ((CERTIFIER, 4), (BEIJING, 3), (CLERK, 3), (HEBEI_CLERK, 1), (candidate(2), 1)):
        with acting(viewer):
            assert Certificate.objects.count() == Grant.objects.count() == expected
    with acting(Actor.anybody()):
        assert not Certificate.objects.exists()


@pytest.mark.rule("V18.2")
def test_void_stays_void_and_a_grant_has_one_valid_certificate(exam: Exam) -> None:
    with acting(SYSTEM):
        row = Certificate.objects.order_by("number").first()
        with pytest.raises(IntegrityError), transaction.atomic():
            Certificate.objects.create(
                exam=exam, grant=row.grant, candidate_id=1, office_path="/11/1101/", region_code="11", point_code="1101",
                serial=9, number="201111000009", issue=2, made_at=AT,
            )  # fmt: skip
        Certificate.objects.filter(pk=row.pk).update(state="void", voided_at=AT, void_reason="x")
        for change in ({"state": "valid", "voided_at": None}, {"number": "1"}):
            with pytest.raises(DatabaseError), transaction.atomic():
                Certificate.objects.filter(pk=row.pk).update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            row.delete()


@pytest.mark.rule("V18.1.1")
@pytest.mark.django_db(transaction=True)
def test_granting_at_once_leaves_one_each_without_gap(
    owner_connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    exam = released_exam()

    def race(_: int) -> bool:
        try:
            with acting(CERTIFIER):
                services.grant(exam=exam, by=CERTIFIER, at=AT)
            return True
        except (RuleRefused, Stale):
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(race, range(16))) == 1
    found = owner_connection.execute(
        "SELECT region_code, array_agg(serial ORDER BY serial) FROM certificates_certificate GROUP BY 1 ORDER BY 1"
    ).fetchall()
    assert found == [("11", [1, 2, 3]), ("13", [1])]
