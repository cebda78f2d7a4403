"""The adapter over HTTP: signed JSON both ways (docs/gateway.md)."""

import json
import urllib.request
from decimal import Decimal
from http.client import HTTPException

from keju.stages.fees.rules import Said, money
from keju.stages.fees.services.gateway.interface import BadSignature, GatewayDown, sign, verified

SECONDS = 5
MAX_ANSWER = 10_000
SIGNATURE = "X-Signature"


class HttpGateway:
    """`url`: where it listens, without a slash at the end; `merchant`: our name there; `key`: the shared secret."""

    def __init__(self, url: str, merchant: str, key: bytes) -> None:
        if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise ValueError("a gateway is reached over https")
        self._url, self._merchant, self._key = url.rstrip("/"), merchant, key

    def create(self, number: str, amount: Decimal, title: str, back: str) -> str:
        facts = {"number": number, "amount": money(amount), "title": title, "back": back}
        address = str(self._said("orders", facts).get("address", ""))
        if not address.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise GatewayDown
        return address

    def query(self, number: str) -> Said:
        said = self.read(*self._post("query", {"number": number}))
        if said.number != number:
            raise GatewayDown
        return said

    def refund(self, number: str, refund_number: str, amount: Decimal) -> bool:
        facts = {"number": number, "refund_number": refund_number, "amount": money(amount)}
        return bool(self._said("refunds", facts).get("accepted"))

    def read(self, body: bytes, signature: str) -> Said:
        return verified(body, signature, self._key, self._merchant)

    def _said(self, path: str, facts: dict[str, str]) -> dict[str, object]:
        try:
            said = json.loads(self._post(path, facts)[0])
        except ValueError as error:
            raise GatewayDown from error
        if not isinstance(said, dict):
            raise GatewayDown
        return said

    def _post(self, path: str, facts: dict[str, str]) -> tuple[bytes, str]:
        """(body, signature) of the answer, its signature checked."""
        body = json.dumps({**facts, "merchant": self._merchant}, sort_keys=True).encode()
        headers = {"Content-Type": "application/json", SIGNATURE: sign(body, self._key)}
        request = urllib.request.Request(f"{self._url}/{path}", body, headers)  # noqa: S310  https, or loopback
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
                found, signature = answer.read(MAX_ANSWER), answer.headers.get(SIGNATURE, "")
        except (OSError, HTTPException, ValueError) as error:
            raise GatewayDown from error
        if sign(found, self._key) != signature:
            raise GatewayDown from BadSignature()
        return found, signature
