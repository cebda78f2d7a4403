"""Devices: the inventory, its import, one device with its tests, and a site with what it needs."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import after_of, cut, number_of
from keju.kernel.files.responses import answer
from keju.kernel.sheets import XLSX, Column
from keju.rulebook.words import Words, t
from keju.stages.security.forms.devices import (
    STATES,
    DeviceFilter,
    EntranceForm,
    ImportForm,
    NewDeviceForm,
    PlaceForm,
    TestForm,
)
from keju.stages.security.pages import parts
from keju.stages.security.queries import devices as queries
from keju.stages.security.services import devices as services
from keju.stages.security.services.devices import NewDevice, Placing
from keju.stages.venues import queries as venues

READ, MANAGE = "security:record:read", "security:device:manage"
CHIPS = {"fit": "done", "broken": "late", "untested": "soon", "retired": "none"}


@require_GET
@office_page(READ)
def listing(request: Request) -> HttpResponse:
    """The inventory of the viewer's offices, newest first, and what every site lacks."""
    exam, by, after = request.exam, actor(request), after_of(request)
    filters, names = _filter(request), _names(exam)
    rows, page = cut(
        queries.devices(viewer=by, **filters.cleaned_data, after=after)[: parts.PAGE + 1], parts.PAGE, after
    )
    lacking: dict[str, int] = {}
    for need in queries.needs(exam, by.office_path) if not after else ():
        if need.lacking:
            lacking[need.site] = lacking.get(need.site, 0) + need.lacking
    facts = {
        "filters": filters,
        "rows": [(r, names.get(r.kind, r.kind), CHIPS[_state(r)], STATES[_state(r)]) for r in rows],
        "page": page,
        "lacking": list(lacking.items())[:30],
        "untested": any(_state(r) == "untested" for r in rows),
        "may_manage": by.may(MANAGE),
    }
    return render(request, "security/devices.html", facts)


@require_GET
@office_page(READ)
def export(request: Request) -> HttpResponse:
    """What the list shows, as a spreadsheet that can be imported again."""
    exam, by = request.exam, actor(request)
    names = _names(exam)
    columns = (*services.COLUMNS, Column("office", t("单位", "Office")), Column("state", t("状态", "State")))
    rows = (
        (r.tag, str(names.get(r.kind, r.kind)), r.model, r.office_code, str(STATES[_state(r)]))
        for r in queries.devices(viewer=by, **_filter(request).cleaned_data)[:20_000]
    )
    return parts.sheet(columns, rows, str(t("设备.xlsx", "devices.xlsx")))


@require_GET
@office_page(MANAGE)
def template(request: Request) -> HttpResponse:
    """A workbook to fill in."""
    return answer(
        services.template_workbook(request.exam), XLSX, str(t("设备模板.xlsx", "devices-template.xlsx"))
    )


@require_http_methods(["GET", "POST"])
@office_page(MANAGE)
def add(request: Request) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = NewDeviceForm(request.POST or None, kinds=[(k.code, k.name) for k in queries.kinds(exam)])
    if request.method == "POST" and form.is_valid():
        new = NewDevice(**form.cleaned_data)
        if parts.tried(
            form,
            exam,
            lambda: services.add_devices(
                exam=exam, office_code=by.office_code, devices=[new], by=by, at=now(exam)
            ),
        ):
            messages.success(request, str(t("设备已登记，请测试。", "The device is entered; now test it.")))
            return redirect("security-devices", exam=exam.slug)
    facts = {"form": form, "title": t("登记设备", "Enter a device"), "back": "security-devices"}
    return render(request, "security/form.html", facts, status=409 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@office_page(MANAGE)
def bring_in(request: Request) -> HttpResponse:
    """Many devices at once, or every wrong row with its reason."""
    exam, by = request.exam, actor(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    errors: list[Any] = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        done: list[services.ImportResult] = []
        if parts.tried(
            form,
            exam,
            lambda: done.append(
                services.import_devices(exam=exam, data=file.read(), filename=file.name, by=by, at=now(exam))
            ),
        ):
            if not done[0].errors:
                words = t("已导入 {n} 台设备。", "{n:device is|devices are} imported.").format(
                    n=done[0].added
                )
                messages.success(request, str(words))
                return redirect("security-devices", exam=exam.slug)
            errors = done[0].errors
    status = 409 if errors or form.errors else 200
    return render(request, "security/import.html", {"form": form, "errors": errors}, status=status)


@require_GET
@office_page(READ)
def device(request: Request, device_id: int) -> HttpResponse:
    return _device(request, device_id)


def _device(request: Request, device_id: int, form: TestForm | None = None) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = queries.device(device_id, viewer=by)
    facts = {
        "row": row,
        "name": _names(exam).get(row.kind, row.kind),
        "chip": (CHIPS[_state(row)], STATES[_state(row)]),
        "tests": queries.tests(row),
        "uses": queries.uses_of(row),
        "form": form or TestForm(),
        "may_manage": by.may(MANAGE),
    }
    return render(request, "security/device.html", facts, status=409 if form else 200)


@require_POST
@office_page(MANAGE)
def sound(request: Request) -> HttpResponse:
    """The devices ticked in the list were tried and are sound; what is not is entered at the device, with what is wrong."""
    exam, by = request.exam, actor(request)
    ids = [pk for one in dict.fromkeys(request.POST.getlist("device")) if (pk := number_of(one))]
    if not ids:
        raise ValidationError(str(t("没有勾选任何设备。", "No device is ticked.")))
    n = services.test_devices(exam=exam, device_ids=ids, passed=True, by=by, at=now(exam))
    words = t("{n}台设备已记为测试合格。", "{n:device is|devices are} entered as tested and sound.")
    messages.success(request, str(words.format(n=n)))
    return redirect("security-devices", exam=exam.slug)


@require_POST
@office_page(MANAGE)
def test(request: Request, device_id: int) -> HttpResponse:
    """The device was tried, with the result."""
    exam, by = request.exam, actor(request)
    form = TestForm(request.POST)
    if form.is_valid() and parts.tried(
        form,
        exam,
        lambda: services.test_devices(
            exam=exam, device_ids=[device_id], **form.cleaned_data, by=by, at=now(exam)
        ),
    ):
        return redirect("security-device", exam=exam.slug, device_id=device_id)
    return _device(request, device_id, form)


@require_http_methods(["GET", "POST"])
@office_page(READ)
def site(request: Request, site: str) -> HttpResponse:
    """What the site needs and has; where devices are placed and taken back."""
    exam, by = request.exam, actor(request)
    row = venues.site(exam, site, viewer=by)
    span = queries.span(exam)
    names = _names(exam)
    free = queries.free(viewer=by, from_at=span[0], until_at=span[1]) if span else []
    doors = queries.entrances(exam, site)
    rooms = venues.rooms(row)
    form = PlaceForm(
        request.POST or None,
        places=[
            ("site", t("整个考试地点", "The site as a whole")),
            *((f"entrance-{door.pk}", door.name) for door in doors),
            *((f"room-{r.number}", t("{n}号房间", "Room {n}").format(n=r.number)) for r in rooms),
        ],
        devices=[(str(d.pk), f"{names.get(d.kind, d.kind)} {d.tag} {STATES[_state(d)]}") for d in free],
        initial={"from_at": span[0], "until_at": span[1]} if span else {},
    )
    if request.method == "POST" and by.may(MANAGE) and form.is_valid():
        given = form.cleaned_data
        kind, _, number = given["place"].partition("-")
        where = (
            {"room": {"room": int(number)}, "entrance": {"entrance_id": int(number)}}.get(kind, {})
            if number
            else {}
        )
        placings = [Placing(int(pk), **where) for pk in given["devices"]]
        if parts.tried(
            form,
            exam,
            lambda: services.place_devices(
                exam=exam, site_code=site, placings=placings, from_at=given["from_at"], until_at=given["until_at"],
                by=by, at=now(exam),
            ),
        ):  # fmt: skip
            messages.success(request, str(t("设备已分配。", "The devices are placed.")))
            return redirect("security-site-devices", exam=exam.slug, site=site)
    facts = {
        "site": row,
        "needs": [need for need in queries.needs(exam, row.office_path) if need.site == site],
        "uses": [(use, names.get(use.kind, use.kind)) for use in queries.uses(exam, site)],
        "doors": doors,
        "form": form,
        "entrance": EntranceForm(auto_id="door-%s"),
        "may_manage": by.may(MANAGE),
    }
    return render(request, "security/site_devices.html", facts, status=409 if form.errors else 200)


@require_POST
@office_page(MANAGE)
def add_entrance(request: Request, site: str) -> HttpResponse:
    exam, by = request.exam, actor(request)
    services.add_entrance(
        exam=exam, site_code=site, name=request.POST.get("name", "")[:40], by=by, at=now(exam)
    )
    return redirect("security-site-devices", exam=exam.slug, site=site)


@require_POST
@office_page(MANAGE)
def take_back(request: Request, site: str) -> HttpResponse:
    """The ticked devices are no longer at the site."""
    exam, by = request.exam, actor(request)
    chosen = [int(pk) for pk in request.POST.getlist("uses") if pk.isdecimal() and len(pk) < 18]
    services.take_back(exam=exam, site_code=site, use_ids=chosen, by=by, at=now(exam))
    return redirect("security-site-devices", exam=exam.slug, site=site)


def _state(row: Any) -> str:
    if row.retired_at:
        return "retired"
    return "untested" if row.passed is None else "fit" if row.passed else "broken"


def _names(exam: Any) -> dict[str, Words]:
    return {kind.code: kind.name for kind in queries.kinds(exam)}


def _filter(request: Request) -> DeviceFilter:
    return DeviceFilter(request.GET, [(k.code, k.name) for k in queries.kinds(request.exam)])
