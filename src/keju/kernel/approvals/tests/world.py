"""People with signing codes, and a proposal, for tests of everything that needs several signatures."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from keju.kernel.accounts import services as accounts
from keju.kernel.accounts.models import Person
from keju.kernel.approvals import services
from keju.kernel.approvals.content import Content
from keju.kernel.approvals.models import Proposal
from keju.kernel.approvals.needing import Need
from keju.kernel.calendar import CHINA
from keju.kernel.offices import Actor, acting, queries
from keju.kernel.offices.services import load_tree
from keju.rulebook import t

AT = datetime(2027, 9, 1, 9, 0, tzinfo=CHINA)
SYSTEM = Actor.system("test")
EXPIRES = AT + timedelta(days=10)
LEADER, OFFICER = Need("region_leader"), Need("region", 2)


@dataclass
class Someone:
    """A person without a device, the codes of their sheet not used yet, and the actor that they are."""

    person: Person
    actor: Actor
    codes: list[str] = field(default_factory=list)


def tree() -> None:
    queries.office.cache_clear()
    with acting(SYSTEM):
        load_tree(by=SYSTEM, at=AT)


def someone(name: str, role: str, office_code: str, codes: int = 0) -> Someone:
    """Made by the system, so that nobody has seen the codes."""
    path = queries.path_of(office_code)
    with acting(SYSTEM):
        person = Person.objects.create(name=name, office_path=path)
        given = (
            accounts.issue_signing_codes(person_id=person.pk, count=codes, by=SYSTEM, at=AT) if codes else []
        )
    actor = Actor(
        ref=f"person:{person.pk}",
        name=name,
        role=role,
        office_code=office_code,
        office_path=path,
        person_id=person.pk,
        permissions=frozenset({"approvals:proposal:sign"}),
    )
    return Someone(person, actor, given)


def content(text: str = "A") -> Content:
    return Content(title=t("开启备用卷袋", "Open a spare bag"), facts=[(t("袋号", "Bag"), text)])


def proposed(by: Actor, text: str = "A", *needs: Need, subject: str = "bag:1", at: datetime = AT) -> Proposal:
    with acting(by):
        return services.propose(
            kind="test.open",
            subject=subject,
            exam=None,
            office_path="/13/",
            content=content(text),
            needs=needs or (LEADER, OFFICER),
            expires_at=at + timedelta(days=10),
            rules=["P5.1"],
            by=by,
            at=at,
        )


def signed(row: Proposal, who: Someone, code: str | None = None, *, at: datetime = AT) -> bool:
    """Whether the person's signature stands; with the next code of their sheet if none is given."""
    with acting(who.actor):
        found = services.sign(
            proposal_id=row.pk,
            content_hash=row.content_hash,
            code=who.codes.pop() if code is None else code,
            by=who.actor,
            at=at,
        )
    return found is not None
