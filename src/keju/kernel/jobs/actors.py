"""An actor as plain data, and back."""

from typing import Any

from keju.kernel.offices import Actor


def plain(actor: Actor) -> dict[str, Any]:
    return {
        "ref": actor.ref,
        "name": actor.name,
        "role": actor.role,
        "office_code": actor.office_code,
        "office_path": actor.office_path,
        "person_id": actor.person_id,
        "candidate_id": actor.candidate_id,
        "permissions": sorted(actor.permissions),
    }


def restored(data: dict[str, Any]) -> Actor:
    return Actor(**{**data, "permissions": frozenset(data["permissions"])})
