"""What the counter needs: whoever stands there, what they must bring, what was decided."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date

from keju.algorithms.identity import IdentityRefused, check_identity
from keju.kernel.documents.codes import verify_code
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import Refusal
from keju.rulebook.model import Material
from keju.rulebook.words import Words
from keju.stages.fees import queries as fees
from keju.stages.registration import queries as registration
from keju.stages.registration.queries import FACTS, FIELDS, Row, fact_value, route_name
from keju.stages.review.documents import OTHERWISE, WRONG
from keju.stages.review.models import FirstReview

PAGE = 50


def materials(exam: Exam, route: str) -> list[Material]:
    """What a candidate of that route brings: proof of identity, then of eligibility (V5.3.1a, V5.3.1b)."""
    programme = exams.programme(exam)
    own = next((r.materials for r in programme.routes if r.code == route), ())
    return [*programme.identity, *own]


def first_queue(*, viewer: Actor, exam: Exam, after: int = 0, text: str = "", size: int = PAGE) -> list[Row]:
    """Registrations waiting for their first review, in id order after `after`."""
    filters = registration.Filters(state="submitted", text=text)
    return registration.rows(viewer=viewer, exam=exam, filters=filters, after=after, size=size)


def find(*, viewer: Actor, exam: Exam, text: str, today: date) -> list[Row]:
    """Whoever one field means, within the viewer's scope: the code on a form or receipt, a registration number or its
    last digits, an identity number old or new, the number of a fee receipt, or a name or its beginning."""
    text = unicodedata.normalize("NFKC", text).strip()
    code = verify_code(text) if text else None
    if code is not None:
        kind, payload = code
        slug, _, rest = payload.partition("|")
        text = rest.partition("|")[0] if kind == "registration" and slug == exam.slug else ""
    if not text:
        return []
    wanted = [_identity(text, today), *([_number(exam, text)] if text.isdecimal() and len(text) <= 8 else [])]
    rows: dict[int, Row] = {}
    for one in dict.fromkeys(wanted):
        filters = registration.Filters(text=one)
        rows |= {r.id: r for r in registration.rows(viewer=viewer, exam=exam, filters=filters, size=PAGE)}
    if not rows and text[-1].isdigit():
        paid = fees.payments(exam, text=text.upper(), size=PAGE)
        rows = registration.rows_of(viewer=viewer, exam=exam, ids=[p.registration_id for p in paid])
    return sorted(rows.values(), key=lambda row: row.id)


def ticket_named(exam: Exam, text: str) -> str:
    """The number of a ticket that the text may be, typed or scanned from the ticket; "" if it is none.

    Whose it is only the stage of the tickets knows, which comes later: the page asks it by its address.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    code = verify_code(text) if text else None
    if code is not None:
        kind, payload = code
        slug, _, rest = payload.partition("|")
        return rest.partition("|")[0] if kind == "ticket" and slug == exam.slug else ""
    bare = text.replace(" ", "")
    digits = sum(s.width for s in exams.programme(exam).ticket.segments)
    return bare if len(bare) == digits and bare.isascii() and bare.isdecimal() else ""


def _identity(text: str, today: date) -> str:
    """An identity number as it is indexed (18 characters, X large); anything else as it was typed."""
    bare = text.replace(" ", "").upper()
    try:
        return check_identity(bare, today=today).normalised
    except IdentityRefused:
        return bare if any(c.isdigit() for c in bare) and bare.isascii() else text


def _number(exam: Exam, digits: str) -> str:
    """The registration number that ends so: what people read out is its last digits."""
    return registration.number_of(exam, int(digits))


def first_of(exam: Exam, registration_id: int) -> FirstReview | None:
    """The first review of a registration, within the viewer's scope."""
    return FirstReview.objects.filter(exam=exam, registration_id=registration_id).first()


def facts(exam: Exam, route: str, given: Mapping[str, str]) -> list[tuple[Words, Words | str]]:
    """The stated facts of a registration as (name, value), route first."""
    shown = [(FACTS[key], fact_value(key, given[key])) for key in FACTS if given.get(key)]
    return [(FIELDS["route"], route_name(exams.programme(exam), route)), *shown]


def doubts(exam: Exam, found: registration.Detail) -> list[Words]:
    """What the checker doubts about the photo, in the words of the refusals."""
    if found.photo is None:
        return []
    programme, known = exams.programme(exam), dict(found.photo.facts)
    return [Refusal("V5.2.2", f"registration_photo_{c}", known).words(programme) for c in found.photo.judged]


def reasons(exam: Exam, route: str) -> Sequence[Words]:
    """The usual reasons for not passing: each material that may be missing, false or out of date, then the rest."""
    named = [m.name for m in materials(exam, route)]
    return [*(template.format(m=name) for name in named for template in WRONG), *OTHERWISE]
