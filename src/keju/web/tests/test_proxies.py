"""Who asks, behind a proxy of ours and without one."""

from ipaddress import ip_network

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from keju.web.proxies import ProxyMiddleware

VISITOR, PROXY, INNER = "203.0.113.9", "127.0.0.1", "10.0.0.5"


def seen(remote: str, forwarded: str, proto: str = "https") -> tuple[str, str]:
    """Address and scheme as the pages get them."""
    found = []

    def page(request):
        found.append((request.META["REMOTE_ADDR"], request.scheme))
        return HttpResponse()

    asked = RequestFactory().get(
        "/", REMOTE_ADDR=remote, headers={"X-Forwarded-For": forwarded, "X-Forwarded-Proto": proto}
    )
    ProxyMiddleware(page)(asked)
    return found[0]


@pytest.fixture(autouse=True)
def proxies(settings):
    settings.PROXIES = [ip_network(PROXY), ip_network("10.0.0.0/8")]


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        (VISITOR, VISITOR),
        (f"{VISITOR}, {INNER}", VISITOR),
        (f"198.51.100.1, {VISITOR}", VISITOR),  # the first part is what the visitor made up
        ("", PROXY),
        ("nonsense", PROXY),
        (f"{VISITOR}, nonsense", PROXY),
        ("2001:db8::7", "2001:db8::7"),
    ],
)
def test_a_proxy_of_ours_is_believed_about_its_visitor(forwarded, address):
    assert seen(PROXY, forwarded) == (address, "https")


def test_nobody_else_is_believed(settings):
    assert seen("203.0.113.50", VISITOR) == ("203.0.113.50", "http")
    settings.PROXIES = []
    assert seen(PROXY, VISITOR) == (PROXY, "http")
