"""Chapter 4: handbooks, courses with attendance, checks, pledges; no training, no duty."""

from copy import copy
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.kernel.accounts.services import issue_signing_codes
from keju.kernel.approvals import services as approvals
from keju.kernel.audit import Stale
from keju.kernel.audit.models import Event
from keju.kernel.exams import clearing
from keju.kernel.exams.clearing import against_opening
from keju.kernel.exams.models import Clearance
from keju.kernel.exams.services import set_milestone
from keju.kernel.notices import services as notices
from keju.kernel.notices.models import Receipt
from keju.kernel.offices import acting
from keju.kernel.readiness import RED, Gate
from keju.rulebook import RuleRefused, load_programme
from keju.rulebook.model import Clause
from keju.stages.announcement import services as announcement
from keju.stages.registration import services as registration
from keju.stages.staffing.models import Attendee, Course, HandbookVersion, Pledge, Pool, Try
from keju.stages.staffing.queries import training as queries
from keju.stages.staffing.readiness import training as board
from keju.stages.staffing.rules.checks import drawn, is_pass, tries_left
from keju.stages.staffing.rules.training import Wall
from keju.stages.staffing.services import training
from keju.stages.staffing.tests.school import PDF, course, pass_everything, school, take
from keju.stages.venues.tests.year import AT, SYSTEM

HOUR = timedelta(hours=1)


def refused(found: pytest.ExceptionInfo[RuleRefused]) -> list[tuple[str, str]]:
    return [(r.rule, r.code) for r in found.value.refusals]


def logged(kind: str, rule: str) -> list[Event]:
    """The events of that kind under that clause."""
    with acting(SYSTEM):
        return list(Event.objects.filter(kind=kind, rules__contains=[rule]).order_by("pk"))


@pytest.mark.django_db
@pytest.mark.rule("V4.4", "V4.2")
def test_a_handbook_is_drafted_approved_as_that_file_and_handed_down_with_receipts(settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    world = school(books=False)
    exam, centre = world.exam, world.actor("centre_exam", "centre")
    officer, region = world.actor("office_officer", "office"), world.actor("region_officer", "13")
    with acting(SYSTEM):
        (code,) = issue_signing_codes(person_id=officer.person_id, count=1, by=SYSTEM, at=AT)
    with acting(centre):
        row = training.draft_handbook(exam=exam, code="system", data=PDF, file_name="a.pdf", by=centre, at=AT)
        with pytest.raises(RuleRefused) as own:
            approvals.sign(proposal_id=row.proposal_id, content_hash=row.sha, code="", by=centre, at=AT)
        assert refused(own)[0][1] in ("approval_own", "approval_not_yours")
        with pytest.raises(RuleRefused) as early:
            training.distribute_handbook(exam=exam, version_id=row.pk, by=centre, at=AT)
        assert refused(early) == [("V4.4", "training_not_approved")]
    with acting(officer):
        with pytest.raises(Stale):
            approvals.sign(proposal_id=row.proposal_id, content_hash="0" * 64, code=code, by=officer, at=AT)
        approvals.sign(proposal_id=row.proposal_id, content_hash=row.sha, code=code, by=officer, at=AT)
        current = queries.approved(exam)["system"]
        assert (current.version, current.sha, current.state) == (1, row.sha, "approved")
    with acting(centre):
        training.distribute_handbook(exam=exam, version_id=row.pk, by=centre, at=AT)
        assert [c for c, _, _ in queries.reach(exam, queries.approved(exam)["system"], "/").waiting] == [
            "13",
            "1301",
        ]
    with acting(region):
        current = queries.handbook(exam, row.pk)  # whoever is below sees what was approved
        assert training.hand_on_handbook(exam=exam, version_id=row.pk, by=region, at=AT) == 1
        notices.acknowledge(notice=current.notice_id, by=region, at=AT)
        assert queries.reach(exam, current, "/13/").waiting == [
            ("1301", queries.reach(exam, current, "/13/").waiting[0][1], True)
        ]
    with acting(SYSTEM):
        assert Receipt.objects.filter(notice=current.notice_id, acknowledged_at__isnull=False).count() == 1
    for step in ("drafted", "approved", "distributed"):
        assert logged(f"staffing.handbook.{step}", "V4.4")


@pytest.mark.django_db
@pytest.mark.rule("V4.2")
def test_a_course_cites_the_versions_it_goes_by_and_keeps_them():
    world = school(books=False)
    centre = world.actor("centre_exam", "centre")
    with pytest.raises(RuleRefused) as none:
        course(world, centre, ["system"], [])
    assert refused(none) == [("V4.2", "training_no_handbook")]
    with acting(SYSTEM):
        book = {
            "exam": world.exam,
            "office_path": "/",
            "code": "system",
            "file_name": "a.pdf",
            "state": "approved",
        }
        when = {"drafted_by": "test", "drafted_at": AT, "decided_at": AT}
        HandbookVersion.objects.create(**book, **when, version=1, sha="a" * 64)
        made = course(world, centre, ["system"], [])
        HandbookVersion.objects.create(**book, **when, version=2, sha="b" * 64)
        later = course(world, centre, ["system"], [])
        assert Course.objects.get(pk=made.pk).handbooks == [["system", 1, "a" * 64]]
    assert later.handbooks == [["system", 2, "b" * 64]]
    cited = [event.data["handbooks"] for event in logged("staffing.course.planned", "V4.2")]
    assert [["system", 1, "a" * 64]] in cited


@pytest.mark.django_db
@pytest.mark.rule("V4.1")
def test_each_level_trains_the_one_below_and_a_code_counts_only_for_the_invited_and_in_time():
    world = school()
    region, clerk = world.actor("region_officer", "13"), world.trainee("point_clerk", "1301")
    manager = world.trainee("point_manager", "1301")
    with pytest.raises(RuleRefused) as elsewhere:
        course(world, region, ["system"], [world.people["region_officer", "11"]])
    assert refused(elsewhere) == [("V4.1", "training_not_below")]
    made = course(world, region, ["system"], [clerk.person_id], attended=False, when=AT)
    with acting(region):
        wall = queries.wall(queries.course(world.exam, made.pk), world.exam)
        assert (
            training.invite(exam=world.exam, course_id=made.pk, by=region, at=AT) == 1
        )  # who else lacks it below

    def attend(who, code, at):
        with acting(who):
            training.attend(exam=world.exam, course_id=made.pk, code=code, by=who, at=at)

    stranger = world.trainee("region_officer", "11")
    wrong = f"{(int(wall.code(AT)) + 1) % 10**6:06d}"
    for who, code, at, said in (
        (stranger, wall.code(AT), AT, "training_not_invited"),
        (clerk, wall.code(AT), AT + timedelta(minutes=10), "training_code_wrong"),
        (clerk, wrong, AT, "training_code_wrong"),
        (clerk, wall.code(AT + 3 * HOUR), AT + 3 * HOUR, "training_code_time"),
    ):
        with pytest.raises(RuleRefused) as no:
            attend(who, code, at)
        assert refused(no) == [("V4.1", said)]
    attend(clerk, wall.code(AT), AT + timedelta(seconds=30))
    with acting(SYSTEM):
        row = Attendee.objects.get(course=made, person_id=clerk.person_id)
        assert (row.way, row.entered_by) == ("code", clerk.ref)
        assert Attendee.objects.get(course=made, person_id=manager.person_id).attended_at is None


@given(st.integers(0, 10**6), st.integers(0, 600))
@pytest.mark.rule("V4.1")
def test_a_code_is_taken_as_long_as_it_is_shown_and_its_grace_and_no_longer(start, later):
    wall = Wall("secret", AT, AT + 3 * HOUR, 60, 60, 60)
    shown = AT + timedelta(seconds=start % 3600)
    code, at = wall.code(shown), shown + timedelta(seconds=later)
    ended = (int(shown.timestamp()) // 60 + 1) * 60  # when the next code took its place
    taken = wall.takes(code, at)
    if int(at.timestamp()) < ended + 60:
        assert taken
    else:
        assert not taken or code in {wall.code(at), wall.code(at - timedelta(seconds=60))}


@given(st.text(min_size=1, max_size=40), st.integers(1, 12))
@pytest.mark.rule("V4.3")
def test_questions_follow_from_the_seed_alone(seed, count):
    pool = load_programme("veterinarian").teaching.module("system").questions
    paper = drawn(pool, count, seed)
    assert paper == drawn(tuple(reversed(pool)), count, seed)
    assert len({one.question.code for one in paper}) == count
    for one in paper:
        assert sorted(map(str, one.answers)) == sorted(map(str, (one.question.right, *one.question.wrong)))
        assert one.answers[one.right] == one.question.right


@pytest.mark.rule("V4.3")
def test_passing_is_neither_rounded_up_nor_down():
    assert [is_pass(n, 10, 80) for n in (7, 8)] == [False, True]
    assert [is_pass(n, 12, 80) for n in (9, 10)] == [False, True]
    assert not is_pass(0, 0, 80)
    assert [tries_left(n, 1, 3) for n in (0, 3, 4)] == [3, 0, 0]
    assert tries_left(3, 2, 3) == 3


@pytest.mark.django_db
@pytest.mark.rule("V4.3", "V4.1")
def test_three_tries_after_each_course_and_the_result_is_kept():
    world = school()
    region, clerk = world.actor("region_officer", "13"), world.trainee("point_clerk", "1301")
    with pytest.raises(RuleRefused) as untaught:
        take(world, clerk, "system")
    assert refused(untaught) == [("V4.1", "training_not_attended")]
    course(world, region, ["system"], [clerk.person_id])
    assert [take(world, clerk, "system", wrong=3) for _ in range(3)] == [False] * 3
    with pytest.raises(RuleRefused) as used_up:
        take(world, clerk, "system")
    assert refused(used_up) == [("V4.3", "training_no_try")]
    with acting(SYSTEM):
        assert not Clearance.objects.exists()
    course(world, region, ["system"], [clerk.person_id], when=AT + HOUR)
    assert take(world, clerk, "system", wrong=2, when=AT + HOUR)
    with pytest.raises(RuleRefused) as again:
        take(world, clerk, "system")
    assert refused(again) == [("V4.3", "training_passed")]
    with acting(SYSTEM):
        tries = list(Try.objects.filter(person_id=clerk.person_id).order_by("number"))
        assert [(t.number, t.right, t.passed) for t in tries] == [
            (1, 7, False),
            (2, 7, False),
            (3, 7, False),
            (4, 8, True),
        ]
        assert len({t.seed for t in tries}) == 4
        (row,) = Clearance.objects.all()
        assert (row.person_id, row.module, row.evidence) == (
            clerk.person_id,
            "system",
            f"check:{tries[-1].pk}",
        )
        with pytest.raises(Stale):
            training.hand_in_checks(exam=world.exam, answers={tries[-1].pk: []}, by=clerk, at=AT)
    assert len(logged("exams.training.cleared", "V4.3")) == 1


@pytest.mark.django_db
@pytest.mark.rule("P8.1", "V4.3")
def test_discipline_is_passed_with_the_check_and_the_pledge_signed_by_ones_own_name():
    world = school(programme="physician")
    region, clerk = world.actor("region_officer", "13"), world.trainee("point_clerk", "1301")
    course(world, region, ["discipline"], [clerk.person_id])
    assert take(world, clerk, "discipline")
    facts = {"exam": world.exam, "module_code": "discipline", "office_path": "/13/1301/", "way": "link"}
    with acting(clerk):
        with pytest.raises(RuleRefused) as unsigned:
            training.sign_pledge(**facts, signed_as="某人", agreed=False, by=clerk, at=AT)
        assert refused(unsigned) == [("P8.1", "training_pledge_open"), ("P8.1", "training_pledge_name")]
        assert clearing.cleared(world.exam) == {}
        training.sign_pledge(**facts, signed_as=clerk.name, agreed=True, by=clerk, at=AT)
    with acting(SYSTEM):
        assert clearing.cleared(world.exam) == {clerk.person_id: {"discipline"}}
        assert Pledge.objects.get().way == "link" and len(Pledge.objects.get().words_sha) == 64
    assert len(logged("staffing.pledge.signed", "P8.1")) == 1


@pytest.mark.django_db
@pytest.mark.rule("V4.1")
def test_a_body_cannot_open_registration_with_untrained_reviewers():
    world = school()
    exam, region, manager = (
        world.exam,
        world.actor("region_officer", "13"),
        world.actor("point_manager", "1301"),
    )
    place = {"address": "大厅", "contact": "李", "phone": "1", "hours": "9–17"}

    def prepare():
        with acting(manager):
            registration.prepare_point(exam=exam, point_code="1301", **place, by=manager, at=AT)

    windows = {
        "registration_opens": AT + timedelta(days=3), "registration_closes": AT + timedelta(days=9),
        "confirmation_opens": AT + timedelta(days=5), "confirmation_ends": AT + timedelta(days=19),
    }  # fmt: skip
    with acting(SYSTEM):
        exam_day = AT + timedelta(days=70)
        set_milestone(exam=exam, key="exam_day", when=exam_day, by=SYSTEM, at=AT)

    def open_region():
        with acting(region):
            announcement.set_windows(exam=exam, region_code="13", **windows, by=region, at=AT)

    for attempt in (prepare, open_region):
        with pytest.raises(RuleRefused) as untrained:
            attempt()
        assert refused(untrained) == [("V4.1", "exams_reviewers")]
    centre = world.actor("centre_exam", "centre")
    pass_everything(world, "region_officer", "13", centre)
    open_region()
    pass_everything(world, "point_clerk", "1301", region)
    prepare()
    assert len(logged("registration.point.prepared", "V4.1")) == 1


@pytest.mark.django_db
@pytest.mark.rule("V4.1")
def test_a_body_without_reviewers_opens_nothing_in_a_real_exam():
    world = school()
    real = replace_exam(world.exam, is_rehearsal=False)
    with acting(SYSTEM):
        assert [r.code for r in against_opening(real, "/12/", AT.date())] == ["exams_no_reviewers"]
        assert not list(against_opening(world.exam, "/12/", AT.date()))  # one may practise alone


def replace_exam(exam, **facts):
    """The same exam with other facts, not stored."""
    again = copy(exam)
    for key, value in facts.items():
        setattr(again, key, value)
    return again


@pytest.mark.django_db
@pytest.mark.rule("V4.2")
def test_a_pool_is_edited_in_versions_and_a_check_keeps_the_one_it_began_with():
    world = school()
    centre, region, clerk = (
        world.actor("centre_exam", "centre"), world.actor("region_officer", "13"), world.trainee("point_clerk", "1301"),
    )  # fmt: skip
    module = load_programme("veterinarian").teaching.module("system")
    course(world, region, ["system"], [clerk.person_id])
    with acting(clerk):
        taker = training.Taker(clerk.person_id, "/13/1301/")
        (pk,) = training.begin_checks(
            exam=world.exam, wanted=[(taker, "system")], way="link", by=clerk, at=AT
        )
        before = queries.open_papers(world.exam, [pk])
    with acting(centre):
        facts = {"exam": world.exam, "module_code": "system", "by": centre, "at": AT}
        with pytest.raises(RuleRefused) as small:
            training.edit_pool(questions=module.questions[:5], seen=0, **facts)
        assert refused(small) == [("V4.2", "training_pool_small")]
        changed = [
            *module.questions[1:],
            load_programme("veterinarian").teaching.module("candidate").questions[0],
        ]
        training.edit_pool(questions=changed, seen=0, **facts)
        with pytest.raises(Stale):
            training.edit_pool(questions=changed, seen=0, **facts)
        assert [p.version for p in queries.pool_versions(world.exam, module)] == [1]
        assert [q.code for q in queries.pool(world.exam, module)[1]] == [q.code for q in changed]
        assert queries.open_papers(world.exam, [pk]) == before
    with acting(SYSTEM):
        assert Pool.objects.count() == 1
    assert len(logged("staffing.pool.edited", "V4.2")) == 1


def test_clauses_of_the_pools_are_of_the_programme():
    programme = load_programme("physician")
    for module in programme.teaching.modules:
        for question in module.questions:
            assert isinstance(programme.clause(question.rule), Clause)


@pytest.mark.rule("V4.1")
def test_what_a_host_lacks_before_the_exam_closes_the_gate_that_is_asked(db, monkeypatch):
    world = school()
    with acting(SYSTEM):
        set_milestone(exam=world.exam, key="exam_day", when=AT, by=SYSTEM, at=AT)
    monkeypatch.setattr(board, "hosts", lambda *_: {"1301"})
    with acting(SYSTEM):
        rows = [
            row
            for row in board.taught_and_rehearsed(world.exam, "/13/", AT)
            if row.office_path == "/13/1301/"
        ]
    wrong = [row for row in rows if row.state == RED and row.gate == Gate.EXAM]
    assert [str(row.url) for row in wrong] == ["training-courses", "training-lacking"]
    assert all(row.words and row.lacking for row in wrong), "a red row says what is missing"
