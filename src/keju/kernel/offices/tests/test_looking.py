"""One look asks once, but never across scopes, and forgets."""

import pytest

from keju.kernel.offices import Actor, acting
from keju.kernel.offices.looking import look, once_a_look, once_for_all

pytestmark = pytest.mark.django_db


def test_within_a_look_a_query_answers_once_in_each_scope() -> None:
    asked: list[str] = []

    @once_a_look
    def query(what: str) -> str:
        asked.append(what)
        return what

    with acting(Actor.system("x", "/11/")), look():
        assert query("a") == query("a") == "a"
        assert query("b") == "b"
        with acting(Actor.system("x")), look():
            query("a")  # the nation may see more
        query("a")
    assert asked == ["a", "b", "a"]
    with acting(Actor.system("x", "/11/")):
        query("a")
        query("a")
    assert asked == ["a", "b", "a", "a", "a"]


def test_what_every_scope_sees_alike_is_asked_once_for_all_scopes() -> None:
    asked: list[str] = []

    @once_for_all
    def query(what: str) -> str:
        asked.append(what)
        return what

    with acting(Actor.system("x", "/11/")), look():
        query("a")
        with acting(Actor.system("x")):
            assert query("a") == "a" and query("b") == "b"
    assert asked == ["a", "b"]
    with look():
        query("a")
    assert asked == ["a", "b", "a"], "and forgotten with the look"
