"""The photo: uploaded, examined, mended if asked, always judged again by the server; and looked at."""

import base64
import binascii

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from keju.algorithms.photo.limits import MAX_FILE_BYTES
from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, candidate_page, office_page
from keju.kernel.files import responses
from keju.rulebook import Refusal, RuleRefused
from keju.rulebook.words import t
from keju.stages.registration import queries, services
from keju.stages.registration.pages.journey import ELSEWHERE, STEPS, Journey, titles
from keju.stages.registration.params import Params

SHOWN = 300 * 1024  # a refused upload is shown again up to this size
NOTHING = t("请先选择一张照片。", "Choose a photo first.")
SAVED = t("照片已通过检查并保存。", "The photo passed and is saved.")
OTHER_WINDOW = t(
    "您在另一个窗口里保存过更新的内容。请看一下下面的照片是否还对，需要时重新上传。",
    "You saved something newer in another window. See whether the photo below is still right; upload again if not.",
)


def photo_step(request: Request, journey: Journey) -> HttpResponse:
    """The step of the wizard: the photo kept so far, what is doubted about it, and the upload."""
    facts: dict[str, object] = {}
    status = 200
    if request.method == "POST":
        data = _uploaded(request)
        if not data:
            facts, status = {"error": NOTHING}, 422
        else:
            try:
                return _keep(request, journey, data)
            except RuleRefused as refused:
                facts, status = _refused(request, data, refused.refusals), 422
            except Stale:
                journey = Journey.of(request)
                messages.warning(request, str(OTHER_WINDOW))
                status = 409
    exam = request.exam
    sha = journey.answers.get("photo", "")
    check = queries.photo_check(sha) if sha else None
    return render(
        request,
        "registration/step_photo.html",
        {
            "photo": sha,
            "doubts": _doubts(check.judged if check else []),
            "law": exams.params(exam, Params),
            "version": journey.version,
            "progress": journey.progress("photo"),
            "editing": journey.editing,
            "step_title": STEPS["photo"],
            "onward": journey.after("photo") if sha else "",
            **facts,
        },
        status=status,
    )


def _uploaded(request: Request) -> bytes:
    """The file, or the one that we cut before and that comes back; no more of it than will ever be looked at."""
    if ours := request.POST.get("mended"):
        try:
            return base64.b64decode(ours, validate=True)
        except binascii.Error:
            return b""
    upload = request.FILES.get("photo")
    return upload.read(MAX_FILE_BYTES + 1) if upload else b""


def _keep(request: Request, journey: Journey, data: bytes) -> HttpResponse:
    exam, by = request.exam, actor(request)
    if request.POST.get("mend"):
        data = services.look_at(exam=exam, data=data).mended or data
    at = now(exam)
    found = services.store_photo(exam=exam, data=data, candidate_id=by.candidate_id or 0, by=by, at=at)
    if elsewhere := journey.save("photo", photo=found.sha256):
        messages.info(request, str(ELSEWHERE.format(steps=titles(elsewhere))))
    if found.refused_judged:
        return redirect(journey.url("photo"))  # to see what is doubted before going on
    messages.success(request, str(SAVED))
    return redirect(journey.after("photo"))


def _refused(request: Request, data: bytes, refusals: tuple[Refusal, ...]) -> dict[str, object]:
    """The upload with what refuses it, and our own cut of it where that would pass."""
    seen = services.look_at(exam=request.exam, data=data)
    is_picture = data.startswith(b"\xff\xd8\xff") and len(data) <= SHOWN and bool(seen.found.width)
    return {
        "refusals": refusals,
        "upload": base64.b64encode(data).decode() if is_picture else "",
        "mended": base64.b64encode(seen.mended).decode() if seen.mended else "",
    }


def _doubts(judged: list[str]) -> list[Refusal]:
    return [Refusal("V5.2.2", f"registration_photo_{c}", field="photo") for c in judged]


@require_safe
@candidate_page
def own_photo(request: Request, sha: str) -> HttpResponse:
    """The candidate's own photo: that of the registration, or one they uploaded."""
    by, exam = actor(request), request.exam
    own = queries.own(viewer=by, exam=exam)
    if own is not None and own.photo_sha256 == sha:
        data = queries.photo(viewer=by, exam=exam, registration_id=own.pk)
        return responses.answer(data, "image/jpeg", "photo.jpg", inline=True)
    return responses.response(sha, by, "photo.jpg", inline=True)


@require_safe
@office_page("registration:list:read")
def office_photo(request: Request, registration_id: int) -> HttpResponse:
    """A candidate's photo for the offices that may see the registration; for others it does not exist."""
    exam = request.exam
    data = queries.photo(viewer=actor(request), exam=exam, registration_id=registration_id)
    if not data:
        raise NotPermitted(hidden=True)
    return responses.answer(data, "image/jpeg", "photo.jpg", inline=True)
