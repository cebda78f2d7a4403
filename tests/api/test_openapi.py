"""The API keeps its word: the published description is the code's, and every answer is one that it describes."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
import schemathesis
from django.core import signals
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from ninja import Schema
from schemathesis import GenerationMode

from keju.web.reference import openapi
from keju.web.wsgi import application

ROOT = Path(__file__).parents[2]
EXAMPLES = 4
TOKEN = "t" * 32
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


def test_no_two_shapes_share_a_name():
    """The description has one place for each name: the later would stand for both."""
    from keju.web.api import api  # noqa: F401  with every stage's shapes

    def below(shape):
        for one in shape.__subclasses__():
            yield one
            yield from below(one)

    ours = [s for s in below(Schema) if s.__module__.startswith("keju.")]
    names = [s.__name__ for s in ours]
    assert len(names) > 40
    assert sorted(f"{s.__module__}.{s.__name__}" for s in ours if names.count(s.__name__) > 1) == []


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


@pytest.fixture
def described(seeded):
    """The API as it is described, of the one exam that there is."""
    raw = json.loads(openapi())
    for operations in raw["paths"].values():
        for parameter in (p for operation in operations.values() for p in operation.get("parameters", [])):
            if parameter["name"] == "exam":
                parameter["schema"] = {"type": "string", "enum": [seeded.slug]}
    schema = schemathesis.openapi.from_dict(raw)
    schema.app = application
    # A shape cannot say everything that a value must be: 422 names the field.
    accepted = schema.config.checks.positive_data_acceptance
    accepted.expected_statuses = [*accepted.expected_statuses, "422"]
    schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    return schema


def test_whatever_is_sent_is_answered_in_order(described, one_connection, cookie):
    """Generated requests to every operation, good and bad, each by everybody: never a server error, never an unheard-of
    answer. To think of a request takes longer than to answer it."""
    # A write that rides on a session carries the token against forgery in cookie and header.
    carried = {who: {"Cookie": f"csrftoken={TOKEN}; {cookie(who)}", "X-CSRFToken": TOKEN} for who in ACTORS}
    broken, asked = {}, Counter()
    for result in described.get_all_operations():
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
            for who, headers in carried.items():
                asked[who, case.operation.label] += 1
                try:
                    with transaction.atomic():  # what a request breaks is its own
                        case.validate_response(case.call(headers=headers))
                except (Exception, BaseExceptionGroup) as error:
                    broken[f"{case.operation.label} by {who}"] = _told(error)

        try:
            given(case=operation.as_strategy())(ask)()
        except (Exception, BaseExceptionGroup) as error:
            broken[operation.label] = _told(error)
    assert not broken, "\n".join(f"{name}: {told}" for name, told in broken.items())
    assert len(asked) > 20 * len(ACTORS)


def _told(error: BaseException) -> str:
    inner = getattr(error, "exceptions", ())
    return " | ".join(_told(e) for e in inner) if inner else f"{type(error).__name__}: {error}"[:600]
