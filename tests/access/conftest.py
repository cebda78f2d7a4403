"""Every address of the site with something real in it: at home (region 13) and abroad (region 23)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.urls import URLPattern, get_resolver

from keju.kernel.accounts.models import Person, Posting
from keju.kernel.audit.models import Event
from keju.kernel.duties.models import Obligation
from keju.kernel.files.models import StoredFile
from keju.kernel.jobs.models import Job
from keju.kernel.notices.models import Receipt
from keju.kernel.offices import Actor, acting
from keju.stages.announcement.models import Answer, Notice, Publication
from keju.stages.archive.models import Bag
from keju.stages.certificates.models import Certificate, Reissue
from keju.stages.custody.models import Container
from keju.stages.examday.models import RoomSession
from keju.stages.fees.models import FiscalReceipt, RefundBatch, Remittance, StatementLine
from keju.stages.marking.models import Batch, Reading, Run
from keju.stages.registration.models import Registration
from keju.stages.results.models import Proposal
from keju.stages.review.models import Bulk, Correction, Scan
from keju.stages.security.models import Drill, Inspection
from keju.stages.staffing.models import Appointment, Course, HandbookVersion, Hit, Member, Report
from keju.stages.tickets.models import Ticket
from keju.stages.venues.models import Room, Site

# For what the rehearsed year does not hold: an address that names nothing.
NOTHING, NO_UUID, NO_SHA = 999_999_999, "00000000-0000-7000-8000-000000000000", "0" * 64
# Names of parameters that say which exam, language or step, not whose row.
NO_OBJECT = {
    "exam",
    "clause",
    "step",
    "session",
    "copy",
    "kind",
    "sha",
    "item",
    "event_id",
    "job",
    "post",
    "token",
    "module",
    "handbook",
}


@dataclass(frozen=True)
class Page:
    """An address with its door. `convert` maps its parameters to their converters."""

    name: str
    route: str
    access: str | None
    permission: str
    convert: dict[str, str]
    module: str

    @property
    def objects(self) -> set[str]:
        return set(self.convert) - NO_OBJECT


@dataclass
class Places:
    """What stands for each parameter. A page's own name (`"announcement-region.region"`) comes before the common one."""

    home: dict[str, object] = field(default_factory=dict)
    abroad: dict[str, object] = field(default_factory=dict)

    def knows(self, page: Page) -> bool:
        return all(n in self.home or f"{page.name}.{n}" in self.home for n in page.convert)

    def holds(self, page: Page) -> bool:
        """Whether the rehearsed year has a row for each parameter, so that there can be a page."""
        return not {NOTHING, NO_UUID, NO_SHA} & set(self.of(page).values())

    def nowhere(self, page: Page, name: str) -> object:
        """A value of the same shape that names no row."""
        return NOTHING if page.convert[name] == "int" else {"region": "98", "point": "9898"}.get(name, "9898")

    def of(self, page: Page, *, abroad: bool = False) -> dict[str, object]:
        known = {**self.home, **self.abroad} if abroad else self.home
        found = {}
        for name in page.convert:
            key = f"{page.name}.{name}" if f"{page.name}.{name}" in known else name
            if key not in known:
                raise LookupError(
                    f"{page.name}: the matrix has nothing to put for “{name}” in /{page.route}; name it in"
                    " tests/access/conftest.py (home and abroad)"
                )
            found[name] = known[key]
        return found


def walk(patterns: Any = None, before: str = "") -> Iterator[Page]:
    """Every page of the site; the API has tests of its own."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(entry.pattern)
        if not isinstance(entry, URLPattern):
            yield from walk(entry.url_patterns, route)
            continue
        view = entry.callback
        if route.startswith("api/"):
            continue
        yield Page(
            name=entry.name or "",
            route=route,
            access=getattr(view, "access", None),
            permission=getattr(view, "permission", ""),
            convert={name: kind for kind, name in re.findall(r"<(\w+):(\w+)>", route)},
            module=view.__module__,
        )


@pytest.fixture(scope="session")
def every_page() -> list[Page]:
    return list(walk())


@pytest.fixture(scope="module")
def pages(every_page: list[Page], where: Places) -> list[Page]:
    """Those whose parameters are known; that none is missing has a test of its own."""
    return [page for page in every_page if where.knows(page)]


@pytest.fixture(scope="module")
def where(seeded) -> Places:
    with acting(Actor.system("test")):
        return Places(
            home=_common(seeded) | _in(seeded, "13", "1301"),
            abroad=_in(seeded, "23", "2301"),
        )


def _common(seeded: Any) -> dict[str, object]:
    return {
        "exam": seeded.slug,
        "clause": "V7.2",
        "step": "person",
        "session": 1,
        "copy": "1",
        "kind": "sheet",
        "sha": NO_SHA,
        "item": "fit",
        "post": "guard",
        "token": "no-such-token",
        "registration-own-photo.sha": _key(StoredFile, "sha256", office_path__startswith="/13/") or NO_SHA,
        "event_id": _key(Event, "id") or NO_UUID,
        "job": _key(Job, "public") or NO_UUID,
        "notice_id": _key(Notice, "pk"),
        "run_id": _key(Run, "pk") or NOTHING,
        "batch_id": _key(Batch, "pk") or NOTHING,
        "proposal_id": _key(Proposal, "pk") or NOTHING,
        "bag_id": _key(Bag, "pk") or NOTHING,
        "module": "system",
        "handbook": "system",
        "version_id": _key(HandbookVersion, "pk") or NOTHING,
        "recovery_id": NOTHING,
        "inspection_id": NOTHING,
        "finding_id": NOTHING,
        "count_id": NOTHING,
        "destruction_id": NOTHING,
        "handover_id": NOTHING,
        "exception_id": NOTHING,
        "drill_id": NOTHING,
        "security-emergency-write.kind": "power",
        "device_id": NOTHING,
        "journey_id": NOTHING,
        "case_id": NOTHING,
        "operation_id": NOTHING,
        "recording_id": NOTHING,
        "disposal_id": NOTHING,
        "store_id": NOTHING,
        "span_id": NOTHING,
        "approval_id": NOTHING,
        "roster_id": NOTHING,
        "shift": NO_UUID,
        "edition": 1,
        "letter_id": NOTHING,
        "plan_id": NOTHING,
        "passkey_id": NOTHING,
        "reading_id": _key(Reading, "pk") or NOTHING,
    }


def _in(seeded: Any, region: str, point: str) -> dict[str, object]:
    within = {"office_path__startswith": f"/{region}/"}
    person = seeded.world.people["region_officer", region]
    ticket = Ticket.objects.filter(**within).order_by("number").first()
    return {
        "region": region,
        "point": point,
        "code": point,
        "office": point,
        "announcement-defer.code": region,
        "person_id": _key(Person, "pk", pk=person),
        "posting_id": _key(Posting, "pk", person_id=person),
        "registration_id": _key(Registration, "pk", **within),
        "duty": _key(Obligation, "pk", owner_path=f"/{region}/"),
        # of the region's own: what the nation sends everybody has
        "notice": _key(Receipt, "notice_id", **within, notice__office_path__startswith=f"/{region}/")
        or NOTHING,
        "remittance_id": _key(Remittance, "pk", **within),
        "receipt_id": _key(FiscalReceipt, "pk", **within),
        "line_id": _key(StatementLine, "pk", **within) or NOTHING,
        "refund_batch_id": _key(RefundBatch, "pk", **within) or NOTHING,
        "site": _key(Site, "code", **within),
        "room_id": _key(Room, "pk", **within),
        "room": _key(Room, "number", **within),
        "number": ticket.number if ticket else "0",
        "ticket": ticket.number if ticket else "0",
        "certificate_id": _key(Certificate, "pk", **within) or NOTHING,
        "scan_id": _key(Scan, "pk", **within) or NOTHING,
        "correction_id": _key(Correction, "pk", **within) or NOTHING,
        "bulk_id": _key(Bulk, "pk", **within) or NOTHING,
        "request_id": _key(Reissue, "pk", **within) or NOTHING,
        "container": _key(Container, "code", **within) or "B00000000",
        "room_session_id": _key(RoomSession, "pk", **within) or NOTHING,
        "inspection_id": _key(Inspection, "pk", **within) or NOTHING,
        "drill_id": _key(Drill, "pk", **within) or NOTHING,
        "publication_id": _key(Publication, "pk", **within),
        "course_id": _key(Course, "pk", **within) or NOTHING,
        "member_id": _key(Member, "pk", **within) or NOTHING,
        "hit_id": _key(Hit, "pk", **within) or NOTHING,
        "hint_id": NOTHING,
        "member": _key(Member, "pk", **within) or NOTHING,
        "appointment": _key(Appointment, "pk", **within) or NOTHING,
        "report": _key(Report, "pk", **within) or NOTHING,
        "place": _key(Site, "code", **within),
        "answer_id": _key(Answer, "pk", **within),
    }


def _key(model: Any, name: str, **where: Any) -> Any:
    return model.objects.filter(**where).order_by("pk").values_list(name, flat=True).first()


@pytest.fixture
def visitor(seeded, staff_client, candidate_client) -> Callable[[str], Any]:
    """Whoever is named: "anonymous", "candidate", "region_officer" (of region 13), "region_officer@23"."""
    from django.test import Client

    from keju.kernel.accounts.permissions import ROLES

    def made(name: str, *, verified: bool = True) -> Any:
        if name == "anonymous":
            return Client(raise_request_exception=False)
        role, _, region = name.partition("@")
        region = region or "13"
        if role == "candidate":
            client = candidate_client(region)
        else:
            (kind,) = ROLES[role].at
            code = {"region": region, "point": f"{region}01", "site": f"{region}01-01"}.get(
                str(kind.value), str(kind.value)
            )
            client = staff_client(role, code, verified=verified)
        client.raise_request_exception = False
        return client

    return made
