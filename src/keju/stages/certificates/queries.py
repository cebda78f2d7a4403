"""Reading certificates. Row-level security shows each office its own, a candidate theirs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from keju.kernel.documents import codes
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.sheets.columns import Column
from keju.kernel.sheets.writing import write_table
from keju.rulebook.words import t
from keju.stages.certificates import rules
from keju.stages.certificates.models import (
    Certificate,
    Collection,
    Delivery,
    Grant,
    Reissue,
    RequestState,
    State,
)
from keju.stages.registration import queries as registration
from keju.stages.results import queries as results

PAGE = 50
STATES = {"valid": t("有效", "Valid"), "void": t("作废", "Void")}
COLUMNS = (
    Column("number", t("证书编号", "Number")),
    Column("name", t("姓名", "Name")),
    Column("identity", t("证件号码", "Identity number")),
    Column("ticket", t("准考证号", "Ticket number")),
    Column("point", t("考点", "Point")),
    Column("category", t("类别", "Category")),
    Column("level", t("资格等级", "Level")),
    Column("state", t("状态", "State")),
    Column("collected", t("领取时间", "Collected"), kind="date"),
)
CODE = "certificate"
LOOKUP = Actor.system("certificates-lookup")


@dataclass(frozen=True)
class Filters:
    """`text`: the beginning of a certificate's number, ticket number or name, or an identity number.

    `collected` is "yes", "no" or "" for both.
    """

    state: str = ""
    category: str = ""
    level: str = ""
    point_code: str = ""
    collected: str = ""
    text: str = ""


@dataclass(frozen=True)
class Row:
    """A certificate with whose it is; the identity number is masked."""

    id: int
    number: str
    state: str
    issue: int
    category: str
    level: str
    point_code: str
    ticket_number: str
    registration_id: int
    candidate_id: int
    office_path: str
    name: str
    sex: str
    identity_masked: str
    photo_sha256: str
    diploma_owed: bool
    collected_at: datetime | None
    void_reason: str
    granted_at: datetime


@dataclass(frozen=True)
class PointLine:
    """Where a point's certificates are: made, valid, sent, received, collected."""

    point_code: str
    valid: int
    delivered_at: datetime | None
    received_at: datetime | None
    sent: int
    collected: int


@dataclass(frozen=True)
class Verified:
    """What anybody may know of a certificate: `state` valid, void or unknown, and a masked name."""

    state: str
    number: str = ""
    name: str = ""
    category: str = ""
    level: str = ""
    region_code: str = ""
    granted_at: datetime | None = None
    exam: Exam | None = None


def waiting(exam: Exam) -> Iterator[results.Pass]:
    """Those who passed and have no grant yet, by ticket number."""
    granted = set(Grant.objects.filter(exam=exam).values_list("registration_id", flat=True))
    for one in results.passed(viewer=LOOKUP, exam=exam):
        if one.registration_id not in granted:
            yield one


def ungranted(exam: Exam) -> int:
    """How many passed and wait for their grant."""
    out = results.release(exam)
    return 0 if out is None else out.passed - Grant.objects.filter(exam=exam).count()


def level(viewer: Actor) -> str:
    """point, region or centre."""
    return rules.level_of(viewer.office_path)


def find(*, viewer: Actor, exam: Exam, text: str) -> int | None:
    """The certificate of a typed number or a scanned code, in the viewer's scope."""
    code = codes.verify_code(text)
    number = code[1].rpartition("|")[2] if code and code[0] == CODE else text.strip()
    found = Certificate.objects.filter(exam=exam, number=number, **_under(viewer)).values_list(
        "pk", flat=True
    )
    return found.first()


def arrived(*, viewer: Actor, exam: Exam, point_code: str) -> bool:
    """Whether the certificates of a candidate's own point have been sent; asked for the candidate."""
    with acting(LOOKUP):
        return Delivery.objects.filter(exam=exam, point_code=point_code).exists()


def owes_diploma(*, viewer: Actor, exam: Exam, registration_id: int) -> bool:
    """Whether this candidate hands in the diploma when collecting (V18.1.2)."""
    person = registration.row(viewer=viewer, exam=exam, registration_id=registration_id)
    return bool(diploma_owed(exam, {person.id: person.route}))


def table(exam: Exam, rows: Iterable[Row]) -> bytes:
    """The certificates as a spreadsheet."""
    programme = exams.programme(exam)
    levels = {v.code: str(v.name) for v in programme.levels}
    categories = {c.code: str(c.name) for c in programme.categories}
    return write_table(
        COLUMNS,
        (
            (r.number, r.name, r.identity_masked, r.ticket_number, r.point_code, categories.get(r.category, r.category),
             levels.get(r.level, r.level), str(STATES[r.state]), r.collected_at)
            for r in rows
        ),
    )  # fmt: skip


def rows(*, viewer: Actor, exam: Exam, filters: Filters, after: str = "", size: int = PAGE) -> list[Row]:
    """The next `size` certificates after the number `after`."""
    found = _filtered(viewer, exam, filters).filter(number__gt=after).order_by("number")
    return _rows(viewer, exam, list(found[:size]))


def stream(*, viewer: Actor, exam: Exam, filters: Filters) -> Iterator[Row]:
    """Every matching certificate by number, a page of people at a time."""
    after = ""
    while found := rows(viewer=viewer, exam=exam, filters=filters, after=after, size=2000):
        yield from found
        after = found[-1].number


def by_numbers(*, viewer: Actor, exam: Exam, numbers: Sequence[str]) -> dict[str, Certificate]:
    """Those of the numbers that are in the viewer's scope."""
    found = Certificate.objects.filter(exam=exam, number__in=numbers).select_related("grant")
    return {c.number: c for c in found}


def certificate(*, viewer: Actor, exam: Exam, certificate_id: int) -> Row:
    """One certificate in scope; `Certificate.DoesNotExist` otherwise."""
    return _rows(viewer, exam, [_all(exam).get(pk=certificate_id)])[0]


def rows_of(*, viewer: Actor, exam: Exam, found: QuerySet[Certificate]) -> list[Row]:
    """These certificates with whose they are, by number; for services."""
    return _rows(viewer, exam, list(found.select_related("grant", "collection").order_by("number")))


def ids(*, viewer: Actor, exam: Exam, region_code: str = "", point_code: str = "") -> list[int]:
    """Valid certificates by number: of a region, a point, or all of the viewer's."""
    found = Certificate.objects.filter(exam=exam, state=State.VALID, **_under(viewer)).order_by("number")
    if region_code:
        found = found.filter(region_code=region_code)
    if point_code:
        found = found.filter(point_code=point_code)
    return list(found.values_list("pk", flat=True))


def points(*, viewer: Actor, exam: Exam) -> list[PointLine]:
    """Every point of the viewer's with certificates, and how far they are."""
    sent = {d.point_code: d for d in Delivery.objects.filter(exam=exam, **_under(viewer))}
    mine = Certificate.objects.filter(exam=exam, state=State.VALID, **_under(viewer))
    counted = mine.values("point_code").annotate(n=Count("pk"), c=Count("collection")).order_by("point_code")
    return [
        PointLine(
            row["point_code"],
            row["n"],
            d.delivered_at if (d := sent.get(row["point_code"])) else None,
            d.received_at if d else None,
            d.count if d else 0,
            row["c"],
        )
        for row in counted
    ]


def delivery(*, viewer: Actor, exam: Exam, point_code: str) -> Delivery | None:
    return Delivery.objects.filter(exam=exam, point_code=point_code).first()


def delivered_points(exam: Exam) -> set[str]:
    """Points whose certificates were sent, in the scope."""
    return set(Delivery.objects.filter(exam=exam).values_list("point_code", flat=True))


def diploma_owed(exam: Exam, routes: dict[int, str]) -> set[int]:
    """Of registrations with their routes, those whose proof is owed until collection (V18.1.2)."""
    waits = {r.code for r in exams.programme(exam).routes if r.certificate_waits}
    return {pk for pk, route in routes.items() if route in waits}


def own(*, viewer: Actor, exam: Exam) -> list[Certificate]:
    """The candidate's own certificates, the latest first, with what became of them."""
    mine = Certificate.objects.filter(exam=exam, candidate_id=viewer.candidate_id)
    return list(mine.select_related("grant", "collection").order_by("-issue"))


def own_request(*, viewer: Actor, exam: Exam) -> Reissue | None:
    """The candidate's latest request for a new certificate."""
    return Reissue.objects.filter(exam=exam, candidate_id=viewer.candidate_id).order_by("-pk").first()


def requests(*, viewer: Actor, exam: Exam, open_only: bool = False) -> list[Reissue]:
    """Requests for new certificates in the viewer's scope, the latest first."""
    found = Reissue.objects.filter(exam=exam, **_under(viewer)).select_related("certificate", "replacement")
    if open_only:
        found = found.filter(state__in=rules.TURN)
    return list(found.order_by("-pk")[:200])


def my_turn(viewer: Actor, request: Reissue) -> bool:
    """Whether this request waits for the viewer's level."""
    return rules.TURN.get(request.state) == rules.level_of(viewer.office_path)


def waiting_for(*, viewer: Actor, exam: Exam) -> int:
    """How many requests wait for the viewer's level."""
    states = [s for s, level in rules.TURN.items() if level == rules.level_of(viewer.office_path)]
    return Reissue.objects.filter(exam=exam, state__in=states, **_under(viewer)).count()


def verify(*, text: str, exam: Exam | None = None) -> Verified:
    """What anybody may know of the certificate with this code (of any exam) or number (of `exam`). Writes nothing."""
    text = text.strip()
    found = codes.verify_code(text)
    if found is not None:
        if found[0] != CODE or found[1].count("|") != 1:
            return Verified("unknown")
        slug, number = found[1].split("|")
        wanted = {"exam__slug": slug, "number": number}
    elif exam is not None and text.isdigit() and len(text) <= 20:
        wanted = {"exam": exam, "number": text}
    else:
        return Verified("unknown")
    with acting(LOOKUP):
        row = Certificate.objects.select_related("grant", "exam").filter(**wanted).first()
        if row is None:
            return Verified("unknown")
        person = registration.row(viewer=LOOKUP, exam=row.exam, registration_id=row.grant.registration_id)
    return Verified(
        row.state, row.number, rules.masked_name(person.name), row.grant.category, row.grant.level, row.region_code,
        row.grant.granted_at, row.exam,
    )  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """Certificates in the viewer's scope."""

    granted: int
    valid: int
    void: int
    collected: int
    requests: int


def figures(exam: Exam, *, viewer: Actor) -> Figures:
    mine = Certificate.objects.filter(exam=exam, **_under(viewer)).aggregate(
        valid=Count("pk", filter=Q(state=State.VALID)), void=Count("pk", filter=Q(state=State.VOID))
    )
    return Figures(
        Grant.objects.filter(exam=exam, **_under(viewer)).count(),
        mine["valid"],
        mine["void"],
        Collection.objects.filter(exam=exam, **_under(viewer)).count(),
        Reissue.objects.filter(exam=exam, state__in=rules.TURN, **_under(viewer)).count(),
    )


def open_request(certificate: Certificate) -> bool:
    return Reissue.objects.filter(certificate=certificate).exclude(state=RequestState.REFUSED).exists()


def _all(exam: Exam) -> QuerySet[Certificate]:
    return Certificate.objects.filter(exam=exam).select_related("grant", "collection")


def _filtered(viewer: Actor, exam: Exam, filters: Filters) -> QuerySet[Certificate]:
    found = _all(exam).filter(**_under(viewer))
    if filters.state:
        found = found.filter(state=filters.state)
    if filters.point_code:
        found = found.filter(point_code=filters.point_code)
    if filters.category:
        found = found.filter(grant__category=filters.category)
    if filters.level:
        found = found.filter(grant__level=filters.level)
    if filters.collected:
        found = found.filter(collection__isnull=filters.collected == "no")
    if filters.text:
        found = found.filter(_matching(viewer, exam, filters.text))
    return found


def _matching(viewer: Actor, exam: Exam, text: str) -> Q:
    """Each way by an index of its own; ranges, not LIKE: leakproof under row-level security, so the indexes serve."""
    mine = Certificate.objects.filter(exam=exam, **_under(viewer)).values("pk")
    people = registration.matching(viewer=viewer, exam=exam, text=text)
    ways = mine.filter(number__gte=text, number__lt=text + "~").union(
        mine.filter(grant__exam=exam, grant__ticket_number__gte=text, grant__ticket_number__lt=text + "~"),
        mine.filter(grant__exam=exam, grant__registration_id__in=people),
    )
    return Q(pk__in=ways)


def _rows(viewer: Actor, exam: Exam, found: list[Certificate]) -> list[Row]:
    people = registration.rows_of(viewer=viewer, exam=exam, ids=[c.grant.registration_id for c in found])
    owed = diploma_owed(exam, {pk: p.route for pk, p in people.items()})
    return [
        Row(
            c.pk,
            c.number,
            c.state,
            c.issue,
            c.grant.category,
            c.grant.level,
            c.point_code,
            c.grant.ticket_number,
            p.id,
            c.candidate_id,
            c.office_path,
            p.name,
            p.sex,
            p.identity_masked,
            p.photo_sha256,
            p.id in owed,
            c.collection.at if hasattr(c, "collection") else None,
            c.void_reason,
            c.grant.granted_at,
        )
        for c in found
        if (p := people.get(c.grant.registration_id))
    ]


def _under(viewer: Actor) -> dict[str, str]:
    if viewer.office_path in ("/", ""):
        return {}
    return {"office_path__gte": viewer.office_path, "office_path__lt": viewer.office_path + "~"}
