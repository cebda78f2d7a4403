"""The API's doors: a session cookie alone is not enough to write."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from keju.kernel.accounts.models import Login
from keju.kernel.audit import NotPermitted
from keju.kernel.exams.access import candidate_api, office_api


def _request(token: str = ""):
    factory = RequestFactory(enforce_csrf_checks=True)
    headers = {"HTTP_X_CSRFTOKEN": token} if token else {}
    request = factory.post("/api/v1/x", **headers)
    request.COOKIES["csrftoken"] = "a" * 32
    request.user = Login(pk=1, username="x", kind="staff")
    request.user.is_verified = lambda: True  # type: ignore[attr-defined]
    request.session = {}  # type: ignore[assignment]
    return request


@pytest.mark.django_db
@pytest.mark.parametrize("door", [office_api("fees:ledger:read"), candidate_api])
def test_a_write_without_the_token_is_refused(door) -> None:
    with pytest.raises(NotPermitted) as refused:
        door(lambda request: HttpResponse())(_request())
    assert refused.value.permission == "csrf"


@pytest.mark.django_db
@pytest.mark.parametrize("door", [office_api("fees:ledger:read"), candidate_api])
def test_with_the_token_it_is_the_person_who_is_asked(door) -> None:
    with pytest.raises(NotPermitted) as refused:
        door(lambda request: HttpResponse())(_request("a" * 32))
    assert refused.value.permission != "csrf"
