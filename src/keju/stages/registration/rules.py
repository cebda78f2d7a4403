"""Chapter 5, first half: who may register, with what, until when. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from keju.algorithms.identity import HOME, Document, IdentityRefused, check_document
from keju.rulebook import Refusal, rule
from keju.stages.registration.params import Params

DEGREES = ("secondary", "college", "bachelor", "master", "doctor")
TITLES = ("assistant_veterinarian", "veterinarian", "senior_veterinarian")
MIN_TITLE = "veterinarian"
ROUTES = ("diploma", "title", "graduating")
SEXES = ("male", "female")
OLDEST = 1900


@dataclass(frozen=True)
class Submission:
    """What a candidate states. `route_facts`: only the fields of the chosen route."""

    identity: str
    name: str
    phone: str
    address: str
    category: str
    route: str
    route_facts: Mapping[str, str]
    point_code: str
    photo_sha256: str
    pledge: bool
    employer: str = ""
    email: str = ""
    #: of the identity document; birthday (ISO) and sex are stated where its number does not tell them
    document_kind: str = "resident"
    country: str = HOME
    birth_on: str = ""
    sex: str = ""


@dataclass(frozen=True)
class PhotoVerdict:
    """The photo's examination in short: criteria that failed, and whether a person overruled the judged ones."""

    measured: tuple[str, ...] = ()
    judged: tuple[str, ...] = ()
    overruled: bool = False
    facts: Mapping[str, object] = field(default_factory=dict)


@rule("V5.2.1")
def check_window(at: datetime, opens: datetime | None, closes: datetime | None) -> Iterator[Refusal]:
    """Registering and editing happen while online registration is open, and not a second later."""
    if opens is None or closes is None:
        yield Refusal("V5.2.1", "registration_not_announced")
    elif at < opens:
        yield Refusal("V5.2.1", "registration_not_open", {"opens": opens})
    elif at >= closes:
        yield Refusal("V5.2.1", "registration_closed", {"closes": closes})


@rule("V5.3.1a")
def document_of(submission: Submission, today: date) -> Document | IdentityRefused:
    """The identity document that is meant, or why there can be none of that number."""
    try:
        return check_document(submission.document_kind, submission.identity, submission.country, today=today)
    except IdentityRefused as refused:
        return refused


def born_on(submission: Submission, document: Document) -> date | None:
    """By the document's number, else as stated."""
    return document.birth_on or _day(submission.birth_on)


def sex_of(submission: Submission, document: Document) -> str:
    return document.sex or submission.sex


@rule("V5.3.1a")
def check_document_kind(submission: Submission, admitted: Iterable[str]) -> Iterator[Refusal]:
    """The programme admits this kind of identity document."""
    if submission.document_kind not in admitted:
        yield Refusal("V5.3.1a", "registration_document_kind", field="document_kind")


@rule("V5.3.1a")
def check_person(
    submission: Submission, document: Document | IdentityRefused, today: date | None = None
) -> Iterator[Refusal]:
    """The identity document is valid; name, phone and address are given, birthday and sex where it does not tell them."""
    if isinstance(document, IdentityRefused):
        yield Refusal("V5.3.1a", f"registration_identity_{document.code}", field="identity")
    else:
        born = born_on(submission, document)
        if born is None or (today is not None and born >= today) or born.year < OLDEST:
            yield Refusal("V5.3.1a", "registration_birth_on", field="birth_on")
        if sex_of(submission, document) not in SEXES:
            yield Refusal("V5.3.1a", "registration_sex", field="sex")
    for name in ("name", "phone", "address"):
        if not getattr(submission, name).strip():
            yield Refusal("V5.3.1a", f"registration_{name}_missing", field=name)


@rule("V5.3.0")
def check_category(submission: Submission, categories: Iterable[str]) -> Iterator[Refusal]:
    """One of the programme's categories is chosen."""
    if submission.category not in categories:
        yield Refusal("V5.3.0", "registration_category", field="category")


@rule("V5.3.0")
def check_only_once(already: bool) -> Iterator[Refusal]:
    """One registration per person and exam across all points."""
    if already:
        yield Refusal("V5.3.0", "registration_twice", field="identity")


@rule("V5.3.1b")
def check_route(
    submission: Submission, params: Params, year: int, routes: Iterable[str] = ROUTES
) -> Iterator[Refusal]:
    """The stated facts make the candidate eligible by the route chosen, which is one of the programme's `routes`.

    Of a route that only the papers at the counter prove (the physicians') nothing is asked here.
    """
    facts = submission.route_facts
    if submission.route not in routes:
        yield Refusal("V5.3.1b", "registration_route", field="route")
    elif submission.route == "diploma":
        yield from _check_diploma(facts, params)
    elif submission.route == "title":
        yield from _check_title(facts, params)
    elif submission.route == "graduating":
        yield from _check_graduating(facts, params, year)


def _check_diploma(facts: Mapping[str, str], params: Params) -> Iterator[Refusal]:
    if _rank(DEGREES, facts.get("degree", "")) < _rank(DEGREES, params.min_degree):
        yield Refusal("V5.3.1b", "registration_degree", field="degree")
    if facts.get("major") not in params.majors:
        yield Refusal("V5.3.1b", "registration_major", field="major")
    if not facts.get("school", "").strip():
        yield Refusal("V5.3.1b", "registration_school", field="school")


def _check_title(facts: Mapping[str, str], params: Params) -> Iterator[Refusal]:
    if _rank(TITLES, facts.get("title", "")) < _rank(TITLES, MIN_TITLE):
        yield Refusal("V5.3.1b", "registration_title", field="title")
    obtained = _day(facts.get("title_on", ""))
    if obtained is None or obtained >= params.title_before:
        yield Refusal("V5.3.1b", "registration_title_date", {"before": params.title_before}, field="title_on")


def _check_graduating(facts: Mapping[str, str], params: Params, year: int) -> Iterator[Refusal]:
    if facts.get("major") not in params.majors:
        yield Refusal("V5.3.1b", "registration_major", field="major")
    if facts.get("graduating_year") != str(year):
        yield Refusal("V5.3.1b", "registration_graduating_year", {"year": year}, field="graduating_year")
    if not facts.get("school", "").strip():
        yield Refusal("V5.3.1b", "registration_school", field="school")


@rule("V5.2.2")
def check_photo(photo: PhotoVerdict | None) -> Iterator[Refusal]:
    """Measured criteria are final; a person may overrule the judged ones."""
    if photo is None:
        yield Refusal("V5.2.2", "registration_photo_missing", field="photo")
        return
    for criterion in photo.measured:
        yield Refusal("V5.2.2", f"registration_photo_{criterion}", photo.facts, field="photo")
    if not photo.overruled:
        for criterion in photo.judged:
            yield Refusal(
                "V5.2.2",
                f"registration_photo_{criterion}",
                photo.facts,
                strength="in principle",
                field="photo",
            )


@rule("P8.2")
def check_pledge(submission: Submission) -> Iterator[Refusal]:
    """The integrity pledge is accepted."""
    if not submission.pledge:
        yield Refusal("P8.2", "registration_pledge", field="pledge")


@rule("V5.1.1")
def check_point(prepared: bool) -> Iterator[Refusal]:
    """A point without a confirmation place is not offered to candidates."""
    if not prepared:
        yield Refusal("V5.1.1", "registration_point", field="point_code")


def check_submission(
    submission: Submission,
    *,
    document: Document | IdentityRefused,
    today: date,
    documents: Iterable[str],
    params: Params,
    year: int,
    categories: Iterable[str],
    photo: PhotoVerdict | None,
    point_prepared: bool,
    already: bool,
    routes: Iterable[str] = ROUTES,
) -> Iterator[Refusal]:
    """Everything that stands against a submission, in the order of the form; silence accepts it."""
    yield from check_document_kind(submission, documents)
    yield from check_person(submission, document, today)
    yield from check_only_once(already)
    yield from check_category(submission, categories)
    yield from check_route(submission, params, year, routes)
    yield from check_point(point_prepared)
    yield from check_photo(photo)
    yield from check_pledge(submission)


def _rank(scale: tuple[str, ...], value: str) -> int:
    return scale.index(value) if value in scale else -1


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
