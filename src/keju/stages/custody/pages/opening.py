"""Seals are cut: the packs in the seal room, the bags in their rooms."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.rulebook.words import Words, t
from keju.stages.custody.pages.seal_room import RUN, to_board
from keju.stages.custody.pages.together import said
from keju.stages.custody.queries import seal_room as queries
from keju.stages.custody.services import opening
from keju.stages.custody.services.attempts import Refused


@require_POST
@office_page(RUN)
def packs(request: Request, site: str, session: int) -> HttpResponse:
    """All packs that stand in the seal room are opened."""
    exam, by = request.exam, actor(request)
    found = queries.board(exam, site, session, viewer=by)
    key = forms.UUIDField().clean(request.POST.get("key"))
    ids = [p.container_id for p in found.packs]
    done = opening.open_packs(
        exam=exam, key=key, site_code=site, session=session, container_ids=ids, by=by, at=now(exam)
    )
    if isinstance(done, Refused):
        for words in said(request, done):
            messages.error(request, words)
    else:
        messages.success(request, str(t("取出 {n} 袋。", "{n} bags are out.").format(n=done)))
    return to_board(request, site, session)


@require_POST
@office_page(RUN)
def open_room(request: Request, site: str, session: int, room: int) -> HttpResponse:
    """The room says that its bags are opened."""
    words = t("第{n}考场已启封。", "Room {n} has opened its bags.").format(n=room)
    return _opened(request, site, session, [room], words)


@require_POST
@office_page(RUN)
def open_all(request: Request, site: str, session: int) -> HttpResponse:
    """Every room that had not said so has opened its bags."""
    rooms = queries.board(request.exam, site, session, viewer=actor(request)).unopened
    words = t("{n}个考场已启封。", "{n:room has|rooms have} opened their bags.").format(n=len(rooms))
    return _opened(request, site, session, rooms, words)


def _opened(request: Request, site: str, session: int, rooms: list[int], words: Words) -> HttpResponse:
    exam, by = request.exam, actor(request)
    key = forms.UUIDField().clean(request.POST.get("key"))
    done = opening.open_rooms(
        exam=exam, key=key, site_code=site, session=session, rooms=rooms, by=by, at=now(exam)
    )
    if isinstance(done, Refused):
        for refusal in said(request, done):
            messages.error(request, refusal)
    else:
        messages.success(request, str(words))
    return to_board(request, site, session)
