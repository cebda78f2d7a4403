"""Who really asks, where a proxy of our own stands in front."""

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class ProxyMiddleware:
    """From one of `settings.PROXIES` address and scheme are believed as it passes them on (X-Forwarded-For and -Proto).

    Without that all visitors would have the proxy's address and share one limit of tries. Nobody else is believed, nor
    what a visitor put before the part that our proxies wrote.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meta = request.META
        if is_ours(meta.get("REMOTE_ADDR", "")):
            meta["REMOTE_ADDR"] = client_of(meta.get("HTTP_X_FORWARDED_FOR", ""), meta["REMOTE_ADDR"])
            if meta.get("HTTP_X_FORWARDED_PROTO") == "https":
                meta["wsgi.url_scheme"] = "https"
        return self.get_response(request)


def client_of(forwarded: str, proxy: str) -> str:
    """The last address of the list that is no proxy of ours; the proxy's own if there is none."""
    for address in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not _is_address(address):
            break
        if not is_ours(address):
            return address
    return proxy


def is_ours(address: str) -> bool:
    """Whether the address is that of a proxy of this installation."""
    return _is_address(address) and any(ip_address(address) in network for network in settings.PROXIES)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
