"""The seal room in the hand: what to do now, one big step at a time; its packs and bags are opened in `opening`."""

from collections.abc import Mapping
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page, seen_version
from keju.kernel.exams.paging import after_of, by_place
from keju.kernel.exams.refusing import explain
from keju.rulebook import RuleRefused, enforce
from keju.rulebook.words import Words, t
from keju.stages.custody.forms.seal_room import IssueForm, ScanForm, WithdrawForm
from keju.stages.custody.pages.together import signed
from keju.stages.custody.queries import drawing, people
from keju.stages.custody.queries import seal_room as queries
from keju.stages.custody.queries.day_sheets import signed_ways
from keju.stages.custody.queries.seal_room import Board
from keju.stages.custody.rules import seal_room as rules
from keju.stages.custody.rules.containers import read_code
from keju.stages.custody.services import half_day
from keju.stages.custody.services import seal_room as services
from keju.stages.custody.services.attempts import Refused
from keju.stages.custody.services.together import Signatures

READ, RUN, PAGE = "custody:chain:read", "custody:seal_room:run", 60
STATES: Mapping[str, tuple[str, Words]] = {
    queries.AWAITED: ("none", t("未到", "Not here")),
    queries.HERE: ("open", t("待核封", "Seal unread")),
    queries.CHECKED: ("open", t("可发放", "Ready")),
    queries.BROKEN: ("late", t("封条有异", "Seal broken")),
    queries.ISSUED: ("soon", t("已发放", "Issued")),
    queries.OPENED: ("soon", t("已启封", "Opened")),
    queries.BACK: ("done", t("已收回", "Back")),
}


WHAT: Mapping[str, Words] = {
    "papers_used": t("试卷：已用", "Papers used"),
    "papers_unused": t("试卷：未用", "Papers unused"),
    "papers_defective": t("试卷：残缺", "Papers defective"),
    "papers_missing": t("试卷：缺失", "Papers missing"),
    "cards_used": t("答题卡：已用", "Cards used"),
    "cards_unused": t("答题卡：未用", "Cards unused"),
    "cards_defective": t("答题卡：残缺", "Cards defective"),
    "cards_missing": t("答题卡：缺失", "Cards missing"),
}


@require_GET
@office_page(READ)
def listing(request: Request) -> HttpResponse:
    """Every site and session of the viewer's scope, and where its bags are."""
    exam, by, start = request.exam, actor(request), after_of(request)
    rows = queries.progress(exam, viewer=by, site=request.GET.get("q", "").strip())
    names = {s.number: s.name for s in exams.sessions(exam)}
    shown = rows[start : start + PAGE]
    facts = {
        "rows": [(row, names.get(row.session, row.session)) for row in shown],
        "page": by_place(start, len(shown), len(rows)),
        "q": request.GET.get("q", ""),
    }
    return render(request, "custody/day/listing.html", facts)


@require_GET
@office_page(READ)
def board(request: Request, site: str, session: int) -> HttpResponse:
    """What to do now, and how far every room is."""
    exam, by = request.exam, actor(request)
    found = queries.board(exam, site, session, viewer=by)
    facts = {
        **head_of(request, found),
        "step": step(found),
        "rooms": [(line, *STATES[line.state]) for line in found.rooms],
        "figures": [(STATES[s], n) for s, n in found.figures.items() if n],
        "leaving": list(rules.check_leave(found.left)),
        "scan": ScanForm(initial={"key": uuid4()}),
        "pack_key": uuid4(),
        "may_open": now(exam) >= found.opens_at,
        "may_run": by.may(RUN),
        "ways": signed_ways(exam, site, session, viewer=by),
    }
    return render(request, "custody/day/board.html", facts)


def step(found: Board) -> str:
    """What comes next: "withdraw", "packs", "seals", "issue", "leave", "open", "count", "back" or "done"."""
    if found.row is None:
        return "withdraw"
    if found.packs:
        return "packs"
    if found.unchecked and found.left:
        return "seals"
    if found.left:
        return "issue"
    if found.row.left_at is None:
        return "leave"
    if found.unopened:
        return "open"
    if found.next_back is not None:
        return "count"
    here = any(p.place == str(found.place) for p in found.held.values())
    return "back" if here else "done"


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(RUN)
def withdraw(request: Request, site: str, session: int) -> HttpResponse:
    """Papers come from the store: scanned with their seals, at least two staff and the confidential officer sign."""
    exam, by = request.exam, actor(request)
    found = queries.board(exam, site, session, viewer=by)
    team = people.team(exam, site)
    form = WithdrawForm(request.POST or None, team=team, initial={"key": uuid4()} | only_choice(team))
    if request.method == "POST" and form.is_valid():
        seen, odd = form.seen()

        def go() -> Signatures | Refused:
            enforce(rules.check_known((), odd))
            return half_day.withdraw(
                exam=exam, key=form.cleaned_data["key"], site_code=site, session=session, seen=seen,
                head=form.cleaned_data["head"], escort=form.escort(), by=by, at=now(exam),
            )  # fmt: skip

        if signed(request, form, go, t("试卷已进封卷室。", "The papers are in the seal room.")):
            return to_board(request, site, session)
    facts = {**head_of(request, found), "form": form, "awaiting": drawing.awaiting(exam, site, session)}
    return render(request, "custody/day/withdraw.html", facts, status=409 if form.errors else 200)


@require_POST
@office_page(RUN)
def seals(request: Request, site: str, session: int) -> HttpResponse:
    """The seals of the bags, read one after the other."""
    exam, by = request.exam, actor(request)
    form = ScanForm(request.POST)
    if form.is_valid():
        seen, odd = form.seen()
        try:
            torn = services.check_seals(
                exam=exam, site_code=site, session=session, seen=seen, odd=odd, key=form.cleaned_data["key"], by=by,
                at=now(exam),
            )  # fmt: skip
        except RuleRefused as refused:
            explain(form, refused, exam)
        else:
            words = t("核验 {n} 袋。", "{n} bags read.").format(n=len(seen))
            messages.success(request, str(words))
            if torn:
                words = t(
                    "{n} 袋封条有异，已冻结。请立即报告考区（V12.6.1）。",
                    "{n} seals are not in order; frozen. Tell the region at once (V12.6.1).",
                )
                messages.error(request, str(words.format(n=torn)))
            return to_board(request, site, session)
    found = queries.board(exam, site, session, viewer=by)
    facts = {**head_of(request, found), "form": form, "found": found}
    return render(request, "custody/day/seals.html", facts, status=409)


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(READ)
def room(request: Request, site: str, session: int, room: int) -> HttpResponse:
    """A room's bags go out: scan, two names, two codes; then the next room. Offices above look on."""
    exam, by = request.exam, actor(request)
    found = queries.board(exam, site, session, viewer=by)
    line, team = found.by_room.get(room), people.team(exam, site)
    if line is None:
        return to_board(request, site, session)
    gone = [
        p
        for other in found.rooms
        if other.issue and other.room != room
        for p in (other.issue.first_id, other.issue.second_id)
    ]
    here = [one.person_id for one in team.invigilators if one.room == room]
    first = dict(zip(("first", "second"), here, strict=False))
    form = IssueForm(request.POST or None, team=team, gone=gone, initial={"key": uuid4()} | first)
    if request.method == "POST" and by.may(RUN) and form.is_valid():
        said_ = form.cleaned_data
        typed = said_["bags"].split()
        scanned = frozenset(read_code(word) or word for word in typed)
        one = services.RoomIssue(room, said_["first"], said_["second"], scanned)

        def go() -> Signatures | Refused:
            return services.issue(
                exam=exam, key=said_["key"], site_code=site, session=session, rooms=[one], codes=form.codes(), by=by,
                at=now(exam),
            )  # fmt: skip

        if signed(request, form, go, t("第{n}考场已发放。", "Room {n} has its bags.").format(n=room)):
            onward = queries.board(exam, site, session, viewer=by).next_room
            if onward is not None:
                return redirect(
                    "custody-seal-room-room", exam=exam.slug, site=site, session=session, room=onward
                )
            return to_board(request, site, session)
    facts = {
        **head_of(request, found),
        "line": line,
        "state": STATES[line.state],
        "form": form,
        "ready": line.state in (queries.CHECKED,),
        "apart": [(WHAT[what], e, n) for what, e, n in line.count.differences] if line.count else [],
        "may_run": by.may(RUN),
        "open_key": uuid4(),
    }
    return render(request, "custody/day/room.html", facts, status=409 if form.errors else 200)


@require_POST
@office_page(RUN)
def leave(request: Request, site: str, session: int) -> HttpResponse:
    """Head and confidential officer leave; what is left is said, not skipped."""
    exam, by = request.exam, actor(request)
    services.leave(
        exam=exam, site_code=site, session=session, version=seen_version(request), by=by, at=now(exam)
    )
    messages.success(
        request, str(t("全部发放完毕，可以离开封卷室。", "All bags are out; the seal room may be left."))
    )
    return to_board(request, site, session)


def only_choice(team: people.Team) -> dict[str, int]:
    """Where there is one choice only, it is made."""
    one = {"head": team.heads, "officer": team.officers}
    return {name: found[0].person_id for name, found in one.items() if len(found) == 1}


def head_of(request: Request, found: Board) -> dict[str, object]:
    session = next(s for s in exams.sessions(request.exam) if s.number == found.session)
    return {"board": found, "site": found.site, "session": session, "now": now(request.exam)}


def to_board(request: Request, site: str, session: int) -> HttpResponse:
    return redirect("custody-seal-room", exam=request.exam.slug, site=site, session=session)
