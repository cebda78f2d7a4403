"""A text-message gateway that takes JSON over HTTPS; each request is signed. The guide describes it for providers."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from keju.kernel.notices.gateways.letters import Letter, Refused, Unavailable

LARGEST_ANSWER = 64 * 1024
LOOPBACK = ("127.0.0.1", "::1", "localhost")
#: the request was wrong, and will be so every time
NEVER = {400, 413, 422}


class Http:
    """POST {"id", "to", "text", "kind"}; 2xx with {"id"} means taken, 409 taken before, what is wrong for good is in `NEVER`."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.url, self.account = str(options["url"]), str(options["account"])
        self.secret = str(options["secret"]).encode()
        self.timeout = float(options["timeout"])
        parts = urlsplit(self.url)
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise ValueError("the gateway's address must begin with https://")
        if not self.secret:
            raise ValueError("the gateway needs a secret to sign with")
        self.client = httpx.Client(timeout=self.timeout, follow_redirects=False, trust_env=False)

    def send(self, letter: Letter) -> str:
        body = json.dumps(
            {"id": letter.key, "to": letter.to, "text": letter.text, "kind": letter.kind}, ensure_ascii=False
        ).encode()
        status, answer, wait = self._post(body, letter.key)
        if status == httpx.codes.CONFLICT or httpx.codes.is_success(status):
            return _id_in(answer)
        if status in NEVER:
            raise Refused(f"http_{status}")
        raise Unavailable(f"http_{status}", wait)

    def _post(self, body: bytes, key: str) -> tuple[int, bytes, float | None]:
        """Status, answer and the seconds in Retry-After. The whole exchange has `timeout` seconds, not each packet."""
        stamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            "X-Account": self.account,
            "X-Timestamp": stamp,
            "X-Signature": sign(self.secret, stamp, body),
        }
        ends = time.monotonic() + self.timeout
        answer = b""
        try:
            with self.client.stream("POST", self.url, content=body, headers=headers) as response:
                for piece in response.iter_raw():
                    answer += piece
                    if len(answer) > LARGEST_ANSWER:
                        raise Unavailable("answer_too_long")
                    if time.monotonic() > ends:
                        raise Unavailable("timeout")
                return response.status_code, answer, _seconds(response.headers.get("Retry-After", ""))
        except httpx.TimeoutException as error:
            raise Unavailable("timeout") from error
        except httpx.HTTPError as error:
            raise Unavailable("no_connection") from error


def sign(secret: bytes, stamp: str, body: bytes) -> str:
    """sha256=HMAC-SHA256 of the stamp, a newline and the body, in hexadecimal."""
    return "sha256=" + hmac.new(secret, stamp.encode() + b"\n" + body, hashlib.sha256).hexdigest()


def _id_in(answer: bytes) -> str:
    """The provider's id; a gateway that took the message is believed even if its answer is gibberish."""
    try:
        found = json.loads(answer)["id"]
    except (ValueError, KeyError, TypeError):
        return ""
    plain = str(found)[:120]
    return plain if plain.isprintable() and plain.isascii() else ""


def _seconds(text: str) -> float | None:
    return float(text) if text.isdigit() and len(text) < 6 else None
