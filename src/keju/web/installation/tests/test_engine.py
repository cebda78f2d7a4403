"""Times come back as the instants that went in, whatever zone a session speaks."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import connection
from psycopg.pq import Format

from keju.web.installation.engine.base import TIMESTAMPTZ

BEIJING = timezone(timedelta(hours=8))
INSTANTS = [
    datetime(2011, 10, 1, 9, tzinfo=BEIJING),
    datetime(1970, 1, 1, 0, 0, 0, 1, UTC),
    datetime(9999, 12, 30, 23, 59, 59, 999999, UTC),
]


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "Pacific/Chatham"])
@pytest.mark.parametrize("at", INSTANTS)
def test_an_instant_is_read_as_written_in_any_zone(zone: str, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE %s", [zone])
        cursor.execute("SELECT %s::timestamptz, ARRAY[%s::timestamptz], NULL::timestamptz", [at, at])
        assert cursor.fetchone() == (at, [at], None)


@pytest.mark.django_db
def test_times_of_the_database_are_in_utc() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT '2011-10-01 09:00+08'::timestamptz")
        assert cursor.fetchone()[0].tzinfo is UTC


@pytest.mark.django_db
def test_the_reader_is_the_compiled_one() -> None:
    with connection.cursor() as cursor:
        reader = cursor.adapters.get_loader(TIMESTAMPTZ, Format.TEXT)
    assert type(reader(TIMESTAMPTZ).load.__self__).__module__.startswith("psycopg_binary")
    assert reader.timezone is UTC
