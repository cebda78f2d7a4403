"""Who acts: one person (or the system) for one office in one role, or one candidate for themself."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Actor:
    """`office_path` is the subtree seen: "/" the nation, "/11/" a region, "/11/1101/" a point, "" no office."""

    ref: str
    name: str
    role: str
    office_code: str = ""
    office_path: str = ""
    person_id: int | None = None
    candidate_id: int | None = None
    permissions: frozenset[str] = frozenset()

    def may(self, permission: str) -> bool:
        return permission in self.permissions or self.role == "system"

    @property
    def region_code(self) -> str:
        """ "11" of "/11/1101/"; "" for the nation."""
        return self.office_path.split("/")[1] if self.office_path else ""

    @classmethod
    def system(cls, name: str, office_path: str = "/") -> Self:
        """The system itself, named: jobs, public look-ups by signed code, the rehearsal's clockwork."""
        return cls(ref=f"system:{name}", name=name, role="system", office_path=office_path)

    @classmethod
    def anybody(cls) -> Self:
        """A visitor who has not signed in. Sees only what is public."""
        return cls(ref="anybody", name="", role="anybody")
