"""Paying online through a gateway: the interface, the adapter over HTTP, and a practice gateway that takes no money.

The interface in words: docs/gateway.md. Which gateway an installation uses stands in `settings.FEES_GATEWAY`.
"""

from django.conf import settings

from keju.stages.fees.services.gateway.interface import BadSignature, Gateway, GatewayDown, sign, verified
from keju.stages.fees.services.gateway.over_http import HttpGateway

__all__ = ["BadSignature", "Gateway", "GatewayDown", "HttpGateway", "gateway", "sign", "verified"]


def gateway() -> Gateway | None:
    """The gateway of this installation, or None where candidates cannot pay online."""
    facts = getattr(settings, "FEES_GATEWAY", None)
    if isinstance(facts, dict):
        if not facts["url"]:
            return None
        return HttpGateway(facts["url"], facts["merchant"], facts["key"].encode())
    return facts  # one made in this process: rehearsals and tests
