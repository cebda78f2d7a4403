"""What happens once everybody has signed: by kind of proposal, registered by the stage that proposes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from keju.kernel.approvals.models import Proposal
from keju.kernel.offices import Actor
from keju.rulebook.words import Words, t


class Effect(Protocol):
    """Carries out an approved proposal in the last signature's transaction, by `consume`."""

    def __call__(self, *, proposal: Proposal, by: Actor, at: datetime) -> object: ...


@dataclass(frozen=True)
class ProposalKind:
    title: Words
    effect: Effect | None


_kinds: dict[str, ProposalKind] = {}
E_ = TypeVar("E_", bound=Callable[..., object])


def called(kind: str, title: Words) -> None:
    """Proposals of this kind have a title; somebody carries them out by hand after the last signature."""
    _kinds[kind] = ProposalKind(title, None)


def carries_out(kind: str, title: Words) -> Callable[[E_], E_]:
    """Register `fn(*, proposal, by, at)`: it runs with the last signature, and stands or falls with it."""

    def register(fn: E_) -> E_:
        _kinds[kind] = ProposalKind(title, fn)
        return fn

    return register


def title(kind: str) -> Words:
    found = _kinds.get(kind)
    return found.title if found else t(kind, kind)


def effect(kind: str) -> Effect | None:
    found = _kinds.get(kind)
    return found.effect if found else None
