"""Members, appointments, declarations and registrations as bare rows: for tests of what the database itself does."""

from collections.abc import Iterable, Sequence
from itertools import count

from django.db import connection

from keju.kernel.accounts.models import Candidate, Person
from keju.kernel.accounts.queries import identity_index
from keju.kernel.exams.models import Exam
from keju.kernel.offices.bulk import insert_rows_returning
from keju.stages.staffing.models import Appointment, Declaration, Member, Relative
from keju.stages.venues.tests.year import AT, COLUMNS

HOME = "/13/1301/"
SERIAL = count(1)


def index(number: int | str) -> bytes:
    """The keyed index of the identity that the test calls so, or of a real number."""
    return identity_index(number if isinstance(number, str) else f"number {number}")


def members(count_: int, *, first: int = 0, home: str = HOME) -> list[Member]:
    """So many members; the n-th has the identity `first` + n."""
    people = Person.objects.bulk_create(
        Person(name=f"员工{n}", employer="某中学", phone="", office_path=home) for n in range(count_)
    )
    return Member.objects.bulk_create(
        Member(
            person=person, identity=f"number {first + n}", identity_index=index(first + n), sex="F", in_sector=False,
            office_path=home, made_at=AT,
        )
        for n, person in enumerate(people)
    )  # fmt: skip


def register(exam: Exam, numbers: Sequence[int | str], *, point: str = "1301") -> list[int]:
    """A registration of each identity, submitted; ids in order."""
    accounts = Candidate.objects.bulk_create(
        Candidate(identity_index=f"{next(SERIAL):016d}".encode(), identity="x", name="考生", made_at=AT)
        for _ in numbers
    )
    rows = (
        (
            exam.pk, account.pk, f"/{point[:2]}/{point}/", point, "submitted", 1, b"", index(n), b"", b"", b"",
            f"考生{n}", "male", "1985-03-04", "某兽医站", "general", "diploma", "{}", "a" * 64, "", AT, AT, "",
        )
        for account, n in zip(accounts, numbers, strict=True)
    )  # fmt: skip
    return insert_rows_returning("registration_registration", COLUMNS, rows)


def appoint(
    exam: Exam,
    member_id: int,
    *,
    post: str = "invigilator",
    code: str = "1301-01",
    path: str = "/13/1301/01/",
    room: int | None = 1,
) -> int:
    """The member is invited to the post; the appointment's id."""
    return Appointment.objects.create(
        exam=exam, member_id=member_id, post=post, office_path=path, office_code=code, room=room,
        state="invited", made_by="test", made_at=AT,
    ).pk  # fmt: skip


def end(exam: Exam, member_id: int) -> None:
    """The member holds no post any more."""
    held = Appointment.objects.filter(exam=exam, member_id=member_id, state="invited")
    held.update(state="ended", reason="test", decided_at=AT)


def declare(exam: Exam, member_id: int, numbers: Iterable[int] = ()) -> None:
    """A further declaration of the member, with relatives of these identities or none."""
    wanted = sorted(numbers)
    number = Declaration.objects.filter(exam=exam, member_id=member_id).count() + 1
    row = Declaration.objects.create(
        exam=exam, member_id=member_id, office_path=HOME, number=number, nobody=not wanted,
        relatives_count=len(wanted), way="link", statement="a" * 64, made_by="test", made_at=AT,
    )  # fmt: skip
    Relative.objects.bulk_create(
        Relative(
            declaration=row, exam=exam, member_id=member_id, office_path=HOME, relation="spouse", name="某人",
            identity=f"number {n}", identity_index=index(n),
        )
        for n in wanted
    )  # fmt: skip


def run(statement: str, *facts: object) -> int:
    """A statement as somebody behind the program's back would give it; how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        return int(cursor.rowcount)
