"""Look-ups among many values."""

from datetime import UTC, datetime

import pytest

from keju.kernel.offices import Actor, queries
from keju.kernel.offices.models import Office
from keju.kernel.offices.services import load_tree

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tree(db: None) -> None:
    load_tree(by=Actor.system("test"), at=datetime(2011, 7, 1, tzinfo=UTC))


def test_among_finds_what_in_finds():
    codes = sorted(Office.objects.values_list("code", flat=True))[:40:2]
    assert codes
    wanted = [*codes, "no such", "x" * 500, codes[0] + " " * 400]
    among = Office.objects.filter(code__among=wanted).values_list("code", flat=True)
    assert (
        sorted(among)
        == sorted(Office.objects.filter(code__in=wanted).values_list("code", flat=True))
        == codes
    )
    parents = Office.objects.filter(parent_id__among=[codes[0]])
    assert list(parents.order_by("code")) == list(
        Office.objects.filter(parent_id__in=[codes[0]]).order_by("code")
    )
    assert not Office.objects.filter(code__among=[]).exists()


def test_among_excludes_like_any_condition():
    some = sorted(queries.regions().values_list("code", flat=True))[:3]
    left = queries.regions().exclude(code__among=some).count()
    assert left == queries.regions().count() - 3
