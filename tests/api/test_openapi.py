"""The API keeps its word: the published description is the code's, and every answer is one that it describes."""

import re
from pathlib import Path

import pytest
import schemathesis
from django.core import signals
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from keju.web.reference import openapi
from keju.web.wsgi import application

ROOT = Path(__file__).parents[2]
EXAMPLES = 4
# Who asks: one of each kind of office, a candidate, and a stranger.
ACTORS = ["anonymous", "candidate", "centre_exam", "region_officer", "region_finance", "point_manager"]


def test_the_published_description_is_the_codes():
    written = (ROOT / "docs" / "openapi.json").read_text(encoding="utf-8")
    assert written == openapi(), "docs/openapi.json is out of date: run `make docs`"


def test_every_operation_has_a_name_words_and_a_door():
    from keju.web.api import api

    operations = [
        (path, method, operation)
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method, operation in methods.items()
    ]
    assert len(operations) > 20
    assert [(path, method) for path, method, o in operations if not o.get("summary")] == []
    names = [o["operationId"] for _, _, o in operations]
    assert sorted({n for n in names if names.count(n) > 1}) == []
    assert [n for n in names if not re.fullmatch(r"[a-z]+_\w+", n)] == []


@pytest.fixture
def cookie(seeded, staff_client, candidate_client):
    def made(who: str) -> str:
        client: Client
        if who == "anonymous":
            return ""
        if who == "candidate":
            client = candidate_client("13")
        else:
            code = {"centre": "centre", "region": "13", "point": "1301"}[who.partition("_")[0]]
            client = staff_client(who, code)
        return f"sessionid={client.cookies['sessionid'].value}"

    return made


@pytest.fixture
def one_connection():
    """As Django's own test client does: the end of a request does not close the connection of the test."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


# Nightly until its own database connection outlives the runner's: the server closes it under the test.
@pytest.mark.nightly
@pytest.mark.parametrize("who", ACTORS)
def test_whatever_is_sent_is_answered_in_order(seeded, one_connection, cookie, who):
    """Generated requests to every operation, good and bad: never a server error, never an unheard-of answer."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    headers = {"Cookie": cookie(who), "X-Requested-With": "schemathesis"}
    broken = {}
    asked = 0
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case):
            if "exam" in (case.path_parameters or {}):
                case.path_parameters["exam"] = seeded.slug
            answer = case.call(headers=headers)
            case.validate_response(answer)

        try:
            given(case=operation.as_strategy())(ask)()
        except Exception as error:
            broken[f"{operation.method.upper()} {operation.path}"] = str(error)[:300]
        asked += 1
    assert broken == {}
    assert asked > 20
