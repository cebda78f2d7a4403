"""For the printing house: print data, overprint sheets, the specimen; and who took what."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.accounts.queries import staff_names
from keju.kernel.audit import queries as audit
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.files.responses import answer
from keju.rulebook.words import current_language, t
from keju.stages.custody import events
from keju.stages.custody.forms.tracing import FORMS, OverprintForm, TakeForm
from keju.stages.custody.queries import containers, making
from keju.stages.custody.services import marks as services
from keju.stages.custody.services.marks import TAKE, Taken

WRONG = t("签字码不对，没有给出文件。", "The code is wrong; nothing was given out.")
SHEETS = t("套印页", "Overprint sheets")


@require_GET
@office_page(TAKE)
def marks(request: Request) -> HttpResponse:
    """What can be taken, and who took it before."""
    return _page(request)


@require_POST
@office_page(TAKE)
def take(request: Request) -> HttpResponse:
    """The print data of a region, as a file."""
    exam, by = request.exam, actor(request)
    form = TakeForm(request.POST, regions=_regions(request), auto_id="take-%s")
    if not form.is_valid():
        return _page(request, take_form=form)
    given = form.cleaned_data
    taken = services.take(
        exam=exam, region_code=given["region"], form=given["form"], code=given["code"], by=by, at=now(exam)
    )
    if taken is None:
        form.add_error("code", str(WRONG))
        return _page(request, take_form=form)
    return _file(taken)


@require_POST
@office_page(TAKE)
def overprint(request: Request) -> HttpResponse:
    """The overprint sheets of one bag, as PDF."""
    exam, by = request.exam, actor(request)
    form = OverprintForm(request.POST, auto_id="overprint-%s")
    if not form.is_valid():
        return _page(request, overprint_form=form)
    bag = containers.container(exam, form.cleaned_data["bag"], viewer=by)
    code = form.cleaned_data["code"]
    taken = services.overprint(
        exam=exam, bag=bag, code=code, language=current_language(), by=by, at=now(exam)
    )
    if taken is None:
        form.add_error("code", str(WRONG))
        return _page(request, overprint_form=form)
    return _file(taken)


@require_POST
@office_page(TAKE)
def specimen(request: Request) -> HttpResponse:
    """The specimen as PDF; a copy more in the print ledger, hence a POST."""
    exam = request.exam
    made = services.specimen(exam=exam, language=current_language(), by=actor(request), at=now(exam))
    return answer(
        made.pdf, "application/pdf", str(t("页面暗记样张.pdf", "page-marks-specimen.pdf")), inline=True
    )


def _file(taken: Taken) -> HttpResponse:
    return answer(taken.data, taken.content_type, taken.name)


def _regions(request: Request) -> list[tuple[str, object]]:
    rows = making.regions(request.exam, viewer=actor(request))
    return [(r.code, r.name) for r in rows if r.is_made]


def _page(
    request: Request, take_form: TakeForm | None = None, overprint_form: OverprintForm | None = None
) -> HttpResponse:
    exam, regions = request.exam, _regions(request)
    taken = audit.events(kind=events.MARKS_TAKEN, exam=exam.slug, size=50)
    names = staff_names({e.actor for e in taken})
    facts = {
        "any": bool(regions),
        "take": take_form or TakeForm(regions=regions, auto_id="take-%s"),
        "overprint": overprint_form or OverprintForm(auto_id="overprint-%s"),
        "taken": [
            (e, names.get(e.actor, e.actor), e.subject.partition(":")[2], FORMS.get(e.data["form"], SHEETS))
            for e in taken
        ],
    }
    wrong = take_form is not None or overprint_form is not None
    return render(request, "custody/marks.html", facts, status=422 if wrong else 200)
