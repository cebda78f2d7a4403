"""Through which gateways messages to candidates leave the house, from `KEJU_…` (docs/guide/messages.md)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def gateways(env: Mapping[str, str], folder: Path) -> dict[str, dict[str, Any]]:
    """`sms` and `email`, each the options that its adapter is made of. A number that is none is an error at the start."""
    host = env.get("KEJU_SMTP_HOST", "")
    return {
        "sms": {
            "adapter": env.get("KEJU_SMS") or ("http" if env.get("KEJU_SMS_URL") else "console"),
            "url": env.get("KEJU_SMS_URL", ""),
            "account": env.get("KEJU_SMS_ACCOUNT", ""),
            "secret": env.get("KEJU_SMS_SECRET", ""),
            "signature": {
                "zh": env.get("KEJU_SMS_SIGNATURE", ""),
                "en": env.get("KEJU_SMS_SIGNATURE_EN", ""),
            },
            "folder": folder,
            **_pace(env, "KEJU_SMS"),
        },
        "email": {
            "adapter": env.get("KEJU_EMAIL") or ("smtp" if host else "console"),
            "host": host,
            "port": int(env.get("KEJU_SMTP_PORT", "587")),
            "user": env.get("KEJU_SMTP_USER", ""),
            "password": env.get("KEJU_SMTP_PASSWORD", ""),
            "security": _one_of(env, "KEJU_SMTP_SECURITY", ("starttls", "tls", "none")),
            "sender": env.get("KEJU_SMTP_FROM", "noreply@localhost"),
            "signature": {},
            "folder": folder,
            **_pace(env, "KEJU_SMTP"),
        },
    }


def _pace(env: Mapping[str, str], name: str) -> dict[str, float | int]:
    return {
        "timeout": max(1.0, float(env.get(f"{name}_TIMEOUT", "10"))),
        "per_second": max(0.1, float(env.get(f"{name}_PER_SECOND", "20"))),
        "parallel": max(1, min(16, int(env.get(f"{name}_PARALLEL", "4")))),
    }


def _one_of(env: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    value = env.get(name, known[0])
    if value not in known:
        raise ValueError(f"{name} is one of {', '.join(known)}, not {value!r}")
    return value
