"""A small exam that has been sat and scored: registrations, tickets and frozen scores put straight into the tables."""

from datetime import date, datetime

from django.test import Client

from keju.algorithms.identity import compose
from keju.kernel.accounts.models import Candidate, Login
from keju.kernel.accounts.permissions import ROLES
from keju.kernel.accounts.queries import candidate_actor, identity_index
from keju.kernel.calendar import CHINA
from keju.kernel.exams.models import Exam
from keju.kernel.jobs.tests.office import signed_in
from keju.kernel.offices import Actor, acting
from keju.stages.marking.models import Freeze, FreezeProposal, Run, Score
from keju.stages.marking.rules import scores_digest
from keju.stages.registration.models import Registration
from keju.stages.registration.tests.test_registering import make_exam
from keju.stages.results import services
from keju.stages.seating.models import Plan, Seat
from keju.stages.tickets.models import Ticket
from keju.stages.venues.models import Room, Site

AT = datetime(2011, 11, 25, 9, 0, tzinfo=CHINA)
SYSTEM = Actor.system("test")
SUBJECTS = ("basic", "preventive", "clinical", "comprehensive")
LINES = {
    ("general", "licensed"): 240,
    ("general", "assistant"): 200,
    ("aquatic", "licensed"): 230,
    ("aquatic", "assistant"): 190,
}
#: (name, point, category, route, points per subject; None: absent from that session)
PEOPLE = (
    ("欧阳小明", "1101", "general", "diploma", (70, 70, 60, 60)),
    ("王芳", "1101", "general", "graduating", (60, 60, 50, 50)),
    ("李雷", "1101", "general", "diploma", (40, 40, 40, 40)),
    ("张伟", "1101", "aquatic", "title", (60, 60, 60, 50)),
    ("𠮷田㛃", "1301", "general", "diploma", (99, None, None, None)),
    ("阿卜杜热伊木·阿卜杜克热木·买买提依明江", "1301", "general", "graduating", (100, 100, 100, 100)),
)


def member(number: int, role: str, code: str, path: str) -> Actor:
    """Somebody who holds the role at the office."""
    return Actor(
        ref=f"person:{number}",
        name=role,
        role=role,
        office_code=code,
        office_path=path,
        person_id=number,
        permissions=frozenset(str(p) for p in ROLES[role].permissions),
    )


OFFICE = member(1, "office_officer", "office", "/")
COMMITTEE = [member(n, "committee_member", "committee", "/") for n in (2, 3, 4)]
DATA = member(5, "centre_data", "centre", "/")
CERTIFIER = member(6, "centre_certificates", "centre", "/")
BEIJING = member(7, "region_officer", "11", "/11/")
HEBEI = member(8, "region_officer", "13", "/13/")
CLERK = member(9, "point_clerk", "1101", "/11/1101/")
HEBEI_CLERK = member(10, "point_clerk", "1301", "/13/1301/")
CENTRE = member(11, "centre_exam", "centre", "/")


def identity(serial: int) -> str:
    return compose("110101", date(1985, 3, 4), serial)


def sat_exam(*, frozen: bool = True) -> Exam:
    """The exam with everybody of `PEOPLE` registered, seated and scored."""
    exam = make_exam()
    with acting(SYSTEM):
        rooms = {point: _room(exam, point) for point in ("1101", "1301")}
        for serial, (name, point, category, route, _) in enumerate(PEOPLE, 1):
            _register(exam, serial, name, point, category, route, rooms[point])
        if frozen:
            freeze_scores(exam)
    return exam


def _room(exam: Exam, point: str) -> tuple[Plan, Room]:
    path = f"/{point[:2]}/{point}/01/"
    site = Site.objects.create(
        exam=exam, office_path=path, point_code=point, code=f"{point}-01", name_zh="一中", address="路1号", standard=30
    )  # fmt: skip
    room = Room.objects.create(
        site=site,
        exam=exam,
        office_path=path,
        number=1,
        building="A",
        floor=1,
        columns=5,
        rows=6,
        gap_cm=80,
        kind="exam",
    )
    plan = Plan.objects.create(
        site=site, exam=exam, office_path=path, version=1, standard=30, seed="s", count=3, made_by="test"
    )
    return plan, room


def _register(
    exam: Exam, serial: int, name: str, point: str, category: str, route: str, where: tuple[Plan, Room]
) -> None:
    number = identity(serial)
    person = Candidate.objects.create(
        identity=number, identity_index=identity_index(number), name=name, made_at=AT
    )
    registration = Registration.objects.create(
        exam=exam, candidate=person, office_path=f"/{point[:2]}/{point}/", point_code=point, state="confirmed",
        identity=number, identity_index=identity_index(number), phone="13800000000", name=name, sex="female",
        birth_on=date(1985, 3, 4), employer="某动物医院", category=category, route=route, route_facts={},
        photo_sha256="a" * 64, pledged_at=AT, submitted_at=AT,
    )  # fmt: skip
    plan, room = where
    Seat.objects.create(
        plan=plan, registration=registration, office_path=plan.office_path, room=room, serial=serial, column=1,
        row=serial, category=category,
    )  # fmt: skip
    Ticket.objects.create(
        exam=exam, registration=registration, candidate_id=person.pk, office_path=plan.office_path,
        region_code=point[:2], site_code=f"{point}-01", number=f"11{point}{serial:04d}", plan=plan, room=room,
        room_number=1, seat=serial, column=1, row=serial, category=category, code="c" * 16,
    )  # fmt: skip


def freeze_scores(exam: Exam) -> Freeze:
    """Everybody's points as one run, frozen by two administrators."""
    people = list(Registration.objects.filter(exam=exam).order_by("pk"))
    lines = [
        (r.pk, subject, value)
        for r, (*_, points) in zip(people, PEOPLE, strict=True)
        for subject, value in zip(SUBJECTS, points, strict=True)
        if value is not None
    ]
    run = Run.objects.create(
        exam=exam, readings_digest="0" * 64, keys={}, scoring_version="1", scores_digest=scores_digest(lines),
        candidates=len(people), by="person:20", at=AT,
    )  # fmt: skip
    Score.objects.bulk_create(
        Score(run=run, registration_id=pk, subject=subject, points=value) for pk, subject, value in lines
    )
    FreezeProposal.objects.create(run=run, scores_digest=run.scores_digest, by="person:5", at=AT)
    return Freeze.objects.create(
        exam=exam, run=run, scores_digest=run.scores_digest, data_administrator="person:5",
        system_administrator="person:21", at=AT,
    )  # fmt: skip


def decided(exam: Exam) -> None:
    """The line of `LINES` is proposed, approved by two members, and decided."""
    with acting(OFFICE):
        proposal = services.propose_line(exam=exam, lines=LINES, reason="与往年相当", by=OFFICE, at=AT)
    for one in COMMITTEE[:2]:
        with acting(one):
            services.vote(exam=exam, proposal_id=proposal.pk, approve=True, by=one, at=AT)
    with acting(COMMITTEE[0]):
        services.decide_line(exam=exam, proposal_id=proposal.pk, by=COMMITTEE[0], at=AT)


def released_exam() -> Exam:
    """The exam with results out: licensed 欧阳小明 and 阿卜杜…, assistant 王芳 and (aquatic, licensed) 张伟; two failed."""
    exam = sat_exam()
    decided(exam)
    with acting(DATA):
        services.release(exam=exam, by=DATA, at=AT)
    return exam


def candidate(serial: int) -> Actor:
    with acting(SYSTEM):
        return candidate_actor(Candidate.objects.get(identity_index=identity_index(identity(serial))))


def office_client(role: str, code: str) -> Client:
    """A browser in which somebody of that role at that office is signed in with the second factor."""
    client = Client()
    who = signed_in(client, code, role)
    with acting(SYSTEM):  # so that a second of the same role has the name free
        Login.objects.filter(username=f"{role}-{code}").update(username=f"{role}-{code}-{who.person_id}")
    return client


def candidate_client(serial: int) -> Client:
    """A browser in which that candidate is signed in."""
    with acting(SYSTEM):
        person = Candidate.objects.get(identity_index=identity_index(identity(serial)))
        person.login = Login.objects.create(username=f"c{serial}", kind="candidate", made_at=AT)
        person.save()
    client = Client()
    client.force_login(person.login, backend="django.contrib.auth.backends.ModelBackend")
    return client
