"""Whether the address to serve is free, and whether it answers."""

from __future__ import annotations

import errno
import http.client
import socket

from keju.web.installation import sentences


def require_free(host: str, port: int) -> None:
    """Raises the one sentence if somebody listens there. The web server itself would share the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # as every server does: addresses of connections that have just ended do not count
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except PermissionError as error:
            raise sentences.port_forbidden(port) from error
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise sentences.port_taken(port) from error
            raise sentences.no_such_address(host, error) from error


def answer(host: str, port: int) -> int | None:
    """The HTTP status of the first page, None if nothing speaks HTTP there yet."""
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    connection = http.client.HTTPConnection(local, port, timeout=10)
    try:
        connection.request("GET", "/", headers={"User-Agent": "keju-up"})
        response = connection.getresponse()
        response.read()
        return response.status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
