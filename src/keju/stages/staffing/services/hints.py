"""Hints: who serves at a place and shares telephone, address or employer with its candidates is asked about, never barred.

Telephones and addresses of registrations are sealed without an index (ADR 18), so a place is looked at as a whole: every
candidate is unsealed once. One place a minute is looked at, each once a day, and at once where the office asks for it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from keju.kernel.accounts.queries import is_same_human
from keju.kernel.accounts.sealed import index_of
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.bulk import insert_rows
from keju.rulebook import enforce
from keju.stages.registration import queries as registration
from keju.stages.registration.queries import Filters
from keju.stages.staffing import events
from keju.stages.staffing.models import Declaration, Hint, HintAnswer, HintLook, Member
from keju.stages.staffing.queries import hints as queries
from keju.stages.staffing.rules.hints import Sharing, check_answer, one_form, shared
from keju.stages.staffing.rules.recusal import CLAUSES

NATION = Actor.system("recusal")
EVERY = timedelta(days=1)
FOUND = ("exam_id", "member_id", "office_path", "kind", "count", "registrations", "found_at")
KEPT = """(exam_id, member_id, kind, office_path) DO UPDATE SET count = excluded.count,
registrations = excluded.registrations, found_at = excluded.found_at, version = staffing_recusal_hint.version + 1
WHERE (staffing_recusal_hint.count, staffing_recusal_hint.registrations)
  IS DISTINCT FROM (excluded.count, excluded.registrations)"""
SITS = ("submitted", "confirmed")


def keep_hints(*, exam: Exam, by: Actor, at: datetime) -> int:
    """Every minute: the place that waits longest for its look, if one is due. Returns how many hints stand there."""
    with acting(NATION):
        place = queries.due_place(exam, before=at - EVERY)
        return 0 if place is None else look(exam=exam, place=place, by=by, at=at)


@write("staffing:people:edit")
def ask_for_look(*, exam: Exam, by: Actor, at: datetime) -> int:
    """Every place of the office is due for a look. Returns how many."""
    places = queries.places(exam, by.office_path)
    rows = ((exam.pk, place, None) for place in places)
    insert_rows(
        "staffing_hint_look",
        ("exam_id", "office_path", "looked_at"),
        rows,
        on_conflict="(exam_id, office_path) DO UPDATE SET looked_at = NULL",
    )
    record(
        events.HINTS_ASKED,
        by=by,
        at=at,
        exam=exam.slug,
        subject=f"exam:{exam.slug}",
        rules=CLAUSES,
        data={"places": len(places)},
    )
    return len(places)


@write(None)
def look(*, exam: Exam, place: str, by: Actor, at: datetime) -> int:
    """Who serves at the region or point `place` was compared with its candidates: hints stand, and what is gone counts none."""
    with acting(Actor.system("recusal", place)):
        staff = queries.serving(exam, place)
    with acting(NATION):
        said = _addresses(exam, [m.pk for m in staff])
        sharing = [
            Sharing(
                m.pk,
                (
                    ("phone", one_form("phone", m.person.phone)),
                    ("address", said.get(m.pk, "")),
                    ("employer", one_form("employer", m.person.employer)),
                ),
            )
            for m in staff
        ]
        found = shared(sharing, _candidates(exam, place, addresses=bool(said)))
        stood = Hint.objects.filter(exam=exam, office_path=place).exclude(count=0)
        gone = [h.pk for h in stood if (h.member_id, h.kind) not in found]
        Hint.objects.filter(pk__in=gone).update(count=0, registrations=[])
        insert_rows(
            "staffing_recusal_hint",
            FOUND,
            (
                (exam.pk, member, place, kind, one.count, one.registrations, at)
                for (member, kind), one in sorted(found.items())
            ),
            on_conflict=KEPT,
        )
        HintLook.objects.update_or_create(exam=exam, office_path=place, defaults={"looked_at": at})
        record(
            events.HINTS_FOUND,
            by=by,
            at=at,
            exam=exam.slug,
            subject=f"exam:{exam.slug}",
            office_path=place,
            rules=CLAUSES,
            data={"staff": len(staff), "hints": len(found), "gone": len(gone)},
        )
    return len(found)


@write("staffing:appointment:make")
def answer_hint(
    *, exam: Exam, hint_id: int, version: int, related: bool, reason: str, by: Actor, at: datetime
) -> None:
    """It stands on record what was found about the hint; it comes up again only with more candidates.

    `related`: there is a relative; the member declares anew, and what is declared is compared and bars by itself.
    """
    hint = Hint.objects.select_for_update().filter(exam=exam, pk=hint_id, **queries.under(by)).first()
    if hint is None:
        raise NotPermitted("staffing:appointment:make", hidden=True)
    if hint.version != version:
        raise Stale
    with acting(NATION):
        person_id = Member.objects.get(pk=hint.member_id).person_id
    enforce(check_answer(own_case=is_same_human(by.person_id, person_id), reason=reason))
    HintAnswer.objects.create(
        hint=hint,
        office_path=hint.office_path,
        count=hint.count,
        related=related,
        reason=reason.strip(),
        made_by=by.ref,
        made_at=at,
    )
    Hint.objects.filter(pk=hint.pk).update(seen_count=hint.count, version=version + 1)
    record(
        events.HINT_DECIDED,
        by=by,
        at=at,
        exam=exam.slug,
        subject=f"hint:{hint.pk}",
        office_path=hint.office_path,
        rules=CLAUSES,
        data={"member": hint.member_id, "kind": hint.kind, "count": hint.count, "related": related},
    )


def address_index(address: str) -> bytes:
    """The keyed index of an address in its one form; b"" for none."""
    plain = one_form("address", address)
    return index_of(plain, "address") if plain else b""


def _addresses(exam: Exam, member_ids: list[int]) -> dict[int, str]:
    """Member → the index, in hexadecimal, of the address that they declared last."""
    rows = Declaration.objects.filter(exam=exam, member_id__in=member_ids).order_by("number")
    found = {member: bytes(index).hex() for member, index in rows.values_list("member_id", "address_index")}
    return {member: index for member, index in found.items() if index}


def _candidates(exam: Exam, place: str, *, addresses: bool) -> Iterator[Sharing]:
    """Everybody who sits the exam from the place; addresses are unsealed only if somebody's is compared."""
    fields = ["pk", "state", "phone", "employer", *(["address"] if addresses else [])]
    viewer = Actor.system("recusal", place)
    for pk, state, phone, employer, *rest in registration.values(
        viewer=viewer, exam=exam, filters=Filters(), fields=fields
    ):
        if state in SITS:
            address = address_index(rest[0]).hex() if rest else ""
            yield Sharing(
                pk,
                (
                    ("phone", one_form("phone", phone)),
                    ("address", address),
                    ("employer", one_form("employer", employer)),
                ),
            )
