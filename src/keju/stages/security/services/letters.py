"""Making letters of responsibility for a whole region at once, and signing them level by level."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from keju.kernel.accounts import services as accounts
from keju.kernel.approvals.content import canonical, digest
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.documents import services as documents
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook import enforce
from keju.rulebook.responsibility import LetterKind
from keju.stages.security import events
from keju.stages.security.documents import letters as papers
from keju.stages.security.models import Letter, Wording
from keju.stages.security.models.letters import ONLINE, PAPER
from keju.stages.security.queries import letters as queries
from keju.stages.security.rules import letters as rules
from keju.stages.security.rules.letters import Needed

SIGN, MAKE, READ = "security:letter:sign", "security:plan:make", "security:record:read"
MOST_PRINTED = 500


@dataclass(frozen=True)
class Made:
    made: int
    ended: int


@write("security:plan:make")
def make_letters(*, exam: Exam, path: str, by: Actor, at: datetime) -> Made:
    """Every holder of a post that needs a letter has one, at the offices at and under the path; others' have ended.

    Where another holds a post, the new letter is the next version of the one that ended.
    """
    if not path.startswith(by.office_path) or not by.office_path:
        raise NotPermitted(hidden=True)
    needed = {_key(n): n for n in queries.needed(exam, path)}
    living = queries.living_keys(exam, path)
    gone = [pk for key, pk in living.items() if key not in needed]
    Letter.objects.filter(pk__in=gone).update(ended_at=at)
    ended: dict[tuple[str, str], list[Letter]] = {}
    for row in Letter.objects.filter(pk__in=gone).order_by("-pk"):
        ended.setdefault((row.office_code, row.post), []).append(row)
    fresh = [n for key, n in needed.items() if key not in living]
    wordings = {kind: _wording(exam, kind) for kind in {n.kind for n in fresh}}
    rows = Letter.objects.bulk_create(_letter(exam, n, wordings[n.kind], ended, by, at) for n in fresh)
    record(
        events.LETTERS_MADE,
        by=by,
        at=at,
        subject=f"letters:{path}",
        exam=exam.slug,
        office_path=path,
        rules={n.kind.rule for n in fresh} or {k.rule for k in exams.programme(exam).responsibility.letters},
        data={"made": len(rows), "ended": len(gone), "letters": digest([r.content_hash for r in rows])},
    )
    return Made(len(rows), len(gone))


@write("security:letter:sign")
def sign_above(
    *, exam: Exam, letter_ids: Sequence[int], seen: str, code: str, by: Actor, at: datetime
) -> int | None:
    """The leader has signed these letters towards those below, with one own proof for the list that was `seen`.

    None if the code does not prove the leader: it does not raise, because a wrong try is remembered.
    """
    rows = _locked(exam, letter_ids)
    if by.person_id is None or not rows or queries.bound(rows) != seen or any(r.above_at for r in rows):
        raise Stale
    _may_sign_above(exam, rows, by)
    proof = accounts.prove(person_id=by.person_id, code=code, purpose=f"letters:{seen}", by=by, at=at)
    if proof is None:
        return None
    Letter.objects.filter(pk__in=letter_ids).update(
        above_by=by.ref, above_name=by.name, above_means=ONLINE, above_proof=proof, above_at=at
    )
    _record(events.LETTERS_SIGNED_ABOVE, exam, rows, {"means": ONLINE, "seen": seen}, by, at)
    return len(rows)


@write("security:record:read")
def sign_below(*, exam: Exam, letter_id: int, content_hash: str, code: str, by: Actor, at: datetime) -> bool:
    """The holder of the post has signed, proved by the own device or code, on whosever screen. False if not proved."""
    rows = _locked(exam, [letter_id])
    if not rows or rows[0].content_hash != content_hash or rows[0].below_at is not None:
        raise Stale
    row = rows[0]
    enforce(rules.check_below(row.rule, above_signed=row.above_at is not None))
    proof = accounts.prove(person_id=row.holder_id, code=code, purpose=f"letter:{row.pk}", by=by, at=at)
    if proof is None:
        return False
    Letter.objects.filter(pk=row.pk).update(below_means=ONLINE, below_proof=proof, below_at=at)
    _record(events.LETTERS_SIGNED_BELOW, exam, rows, {"means": ONLINE}, by, at)
    return True


@write("security:plan:make")
def sign_on_paper(*, exam: Exam, letter_ids: Sequence[int], scan: str, by: Actor, at: datetime) -> int:
    """These letters were signed by both on paper; the scan (its SHA-256 in the store) shows it. A batch may share one scan.

    A side that signed on line stands as it is.
    """
    rows = _locked(exam, letter_ids)
    if not rows:
        raise Stale
    for code in {r.above_code for r in rows if r.above_at is None}:
        clause = rows[0].rule
        open_one = not queries.own_is_signed(exam, code)
        enforce(rules.check_above(clause, at_office=True, own_letter_open=open_one, holders=(), signer=None))
    ids = [r.pk for r in rows]
    Letter.objects.filter(pk__in=ids, above_at=None).update(
        above_by=by.ref, above_means=PAPER, above_scan=scan, above_at=at
    )
    Letter.objects.filter(pk__in=ids, below_at=None).update(below_means=PAPER, below_scan=scan, below_at=at)
    _record(events.LETTERS_SIGNED_BELOW, exam, rows, {"means": PAPER, "scan": scan}, by, at)
    return len(rows)


@write("security:record:read")
def print_letters(*, exam: Exam, letter_ids: Sequence[int], by: Actor, at: datetime) -> bytes:
    """One PDF of these letters, each on its own page, with what is signed so far."""
    found = Letter.objects.filter(exam=exam, pk__in=letter_ids, office_path__startswith=by.office_path)
    rows = list(found.select_related("wording").order_by("office_path", "pk")[:MOST_PRINTED])
    if not rows:
        raise NotPermitted(hidden=True)
    posts = {post.code: post.name for post in exams.programme(exam).posts}
    data = papers.letters(exam.name, [_printed(row, posts) for row in rows])
    done = documents.print_document(
        kind="responsibility_letter",
        template="security/letters",
        data=data,
        exam=exam,
        subject=f"letter:{rows[0].pk}" if len(rows) == 1 else f"letters:{by.office_code}",
        office_path=rows[0].office_path if len(rows) == 1 else by.office_path,
        by=by,
        at=at,
    )
    _record(events.LETTERS_PRINTED, exam, rows, {}, by, at)
    return done.pdf


@write("security:record:read")
def print_matrix(*, exam: Exam, office_codes: Sequence[str], by: Actor, at: datetime) -> bytes:
    """One PDF of the matrices of these offices."""
    found = queries.matrices(exam, by.office_path, office_codes)
    data = papers.matrices(exam.name, [_plain(one) for one in found])
    done = documents.print_document(
        kind="responsibility_matrix",
        template="security/matrix",
        data=data,
        exam=exam,
        subject=f"matrix:{by.office_code}",
        office_path=by.office_path,
        by=by,
        at=at,
    )
    record(
        events.MATRIX_PRINTED,
        by=by,
        at=at,
        subject=f"matrix:{by.office_code}",
        exam=exam.slug,
        rules=["P6.2"] if "P6.2" in exams.programme(exam).rules else ["V1.7"],
        data={"offices": list(office_codes)},
    )
    return done.pdf


def _key(n: Needed) -> tuple[str, str, int]:
    return (n.holder.office_code, n.holder.post, n.holder.person_id)


def _wording(exam: Exam, kind: LetterKind) -> Wording:
    text = canonical(
        {
            "title": [kind.title.zh, kind.title.en],
            "undertakes": [[words.zh, words.en] for words in kind.undertakes],
        }
    )
    sha = digest({"text": text})
    found = Wording.objects.filter(exam=exam, code=kind.code, sha256=sha).first()
    return found or Wording.objects.create(exam=exam, code=kind.code, sha256=sha, text=text)


def _letter(
    exam: Exam,
    n: Needed,
    wording: Wording,
    ended: dict[tuple[str, str], list[Letter]],
    by: Actor,
    at: datetime,
) -> Letter:
    before = ended.get((n.holder.office_code, n.holder.post))
    replaced = before.pop() if before else None
    row = Letter(
        exam=exam,
        code=n.kind.code,
        rule=n.kind.rule,
        wording=wording,
        office_path=n.holder.office_path,
        office_code=n.holder.office_code,
        above_code=n.above_code,
        post=n.holder.post,
        holder_id=n.holder.person_id,
        holder_name=n.holder.name,
        version=replaced.version + 1 if replaced else 1,
        replaces=replaced,
        made_by=by.ref,
        made_at=at,
    )
    row.content_hash = digest({"wording": wording.sha256, **queries.facts_of(row)})
    return row


def _locked(exam: Exam, letter_ids: Sequence[int]) -> list[Letter]:
    found = Letter.objects.select_for_update().filter(exam=exam, pk__in=list(letter_ids), ended_at=None)
    return list(found.order_by("pk"))


def _may_sign_above(exam: Exam, rows: Sequence[Letter], by: Actor) -> None:
    at_office = all(path_of(r.above_code) == by.office_path for r in rows)
    own_open = by.office_path != "/" and not queries.own_is_signed(exam, by.office_code)
    enforce(
        rules.check_above(
            rows[0].rule,
            at_office=at_office,
            own_letter_open=own_open,
            holders={r.holder_id for r in rows},
            signer=by.person_id,
        )
    )


def _record(
    event: str, exam: Exam, rows: Sequence[Letter], data: dict[str, Any], by: Actor, at: datetime
) -> None:
    one = len(rows) == 1
    record(
        event,
        by=by,
        at=at,
        subject=f"letter:{rows[0].pk}" if one else f"letters:{len(rows)}",
        exam=exam.slug,
        office_path=rows[0].office_path if one else None,
        rules={r.rule for r in rows},
        data={"count": len(rows), "letters": queries.bound(rows), "first": rows[0].pk, **data},
    )


def _printed(row: Letter, posts: dict[str, Any]) -> papers.PrintedLetter:
    title, undertakes = queries.text_of(row)
    return papers.PrintedLetter(
        title=title,
        undertakes=undertakes,
        number=f"{row.office_code}-{row.post}-{row.pk}",
        version=row.version,
        above=queries.office(row.above_code).name,
        above_name=row.above_name,
        above_at=row.above_at,
        above_on_paper=row.above_means == PAPER,
        office=queries.office(row.office_code).name,
        post=posts[row.post],
        name=row.holder_name,
        below_at=row.below_at,
        below_on_paper=row.below_means == PAPER,
        digest=row.content_hash,
    )


def _plain(one: queries.Matrix) -> papers.PrintedMatrix:
    who = one.responsible
    return papers.PrintedMatrix(
        office=queries.office(one.office_code).name,
        first=who.first if who else "",
        direct=who.direct if who else "",
        lines=[(line.task.rule, line.task.words, "、".join(line.names)) for line in one.lines],
    )
