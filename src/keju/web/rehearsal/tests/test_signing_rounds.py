"""How slowly a sheet's codes are hashed: said by the sheet, and never too little where it counts."""

from collections.abc import Iterator

import pytest
from django.db import IntegrityError, transaction
from psycopg import errors, sql

from keju.kernel.accounts import services as accounts
from keju.kernel.accounts.models import Person, SigningSheet
from keju.kernel.approvals.tests.world import AT, SYSTEM, someone, tree
from keju.kernel.offices import acting
from keju.web.installation import databases, places
from keju.web.installation.kept import copy_template
from keju.web.installation.testing import RunDatabases

SHEET = (
    "INSERT INTO accounts_signing_sheet (person_id, office_path, rounds, made_at, failures)"
    " VALUES (1, '/', %s, now(), 0)"
)


def sheet(person: Person) -> SigningSheet:
    with acting(SYSTEM):
        return SigningSheet.objects.get(person=person, voided_at=None)


@pytest.mark.django_db
def test_a_sheet_keeps_its_rounds_when_the_setting_changes(settings):
    tree()
    who = someone("甲", "region_officer", "13", codes=2)
    assert sheet(who.person).rounds == 1
    settings.SIGNING_ROUNDS = 3
    assert accounts.prove(person_id=who.person.pk, code=who.codes[0], by=SYSTEM, at=AT)
    (code,) = accounts.issue_signing_codes(person_id=who.person.pk, count=1, by=SYSTEM, at=AT)
    assert sheet(who.person).rounds == 3
    settings.SIGNING_ROUNDS = 1
    assert accounts.prove(person_id=who.person.pk, code=code, by=SYSTEM, at=AT)


@pytest.mark.django_db
def test_no_sheet_is_without_rounds(settings):
    tree()
    who = someone("甲", "region_officer", "13")
    settings.SIGNING_ROUNDS = 0
    with pytest.raises(IntegrityError, match="accounts_signing_sheet_rounds"), transaction.atomic():
        accounts.issue_signing_codes(person_id=who.person.pk, count=1, by=SYSTEM, at=AT)


@pytest.fixture
def database(run_databases: RunDatabases, django_db_setup: None, request) -> Iterator[places.Place]:
    """An installation's database whose name begins so, as freshly migrated."""
    base = run_databases.owner("")
    place = base | {"dbname": request.param + base["dbname"]}
    copy_template(place, run_databases.template["dbname"])
    yield place
    with databases.connected(place, database="postgres") as server:
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(place["dbname"])))


@pytest.mark.parametrize(
    ("database", "least"), [("earnest_", 20_000), ("keju_rehearsal_", 1)], indirect=["database"]
)
def test_only_a_database_that_is_thrown_away_takes_sheets_of_few_rounds(database, least):
    """That the sheet's person is not there is said last, when nothing else is amiss."""
    assert places.is_thrown_away(database["dbname"]) == (least == 1)
    with databases.connected(database) as administrator:
        with pytest.raises(errors.CheckViolation):
            administrator.execute(SHEET, [least - 1])
        with pytest.raises(errors.ForeignKeyViolation):
            administrator.execute(SHEET, [least])
