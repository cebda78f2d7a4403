"""What a programme teaches its staff (chapter 4): handbooks, modules with the pools of their checks, who needs which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from keju.rulebook.words import Words


@dataclass(frozen=True)
class Handbook:
    """A handbook that the centre writes, the office approves and regions distribute (V4.4)."""

    code: str
    name: Words


@dataclass(frozen=True)
class CheckQuestion:
    """A question of a short check: one of the answers is right. ``rule`` is the clause that it is taken from."""

    code: str
    rule: str
    words: Words
    right: Words
    wrong: tuple[Words, ...]


@dataclass(frozen=True)
class Module:
    """What is taught at once and checked at once; ``handbook`` is the one that it goes by.

    ``pledge``: what is signed besides; without the signature the module is not passed (P8.1).
    """

    code: str
    name: Words
    rule: str
    handbook: str
    questions: tuple[CheckQuestion, ...]
    pledge: Words | None = None


@dataclass(frozen=True)
class Teaching:
    """``roles``: role of the system → modules that it needs; what posts need stands with the posts.

    ``practice``: stages under whose permissions nobody writes in a real exam before their modules are passed (V4.3).
    """

    handbooks: tuple[Handbook, ...] = ()
    modules: tuple[Module, ...] = ()
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    practice: tuple[str, ...] = ()

    def module(self, code: str) -> Module | None:
        """The module of this code; None if there is none."""
        return next((module for module in self.modules if module.code == code), None)

    def needed_by(self, role: str, permission: str = "") -> tuple[str, ...]:
        """The modules that a role needs before it writes under the permission (``stage:thing:act``)."""
        if permission and permission.partition(":")[0] not in self.practice:
            return ()
        return self.roles.get(role, ())
