"""The API: each stage's router under /api/v1/, the same doors and the same services as the pages."""

from importlib import import_module
from pathlib import Path

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError as SchemaError

from keju.kernel.audit import NotPermitted, Stale
from keju.rulebook import RuleRefused
from keju.web import errors, settings

SOURCE = Path(__file__).parents[1]
api = NinjaAPI(
    title="Keju",
    version="1",
    description="Runs a national paper examination. 全国统一纸笔考试的组织系统。",
    docs_url=None,
    urls_namespace="api",
)


def _explained(request: HttpRequest, error: Exception) -> HttpResponse:
    found = errors.explain(error, programme="veterinarian")
    if found is None:
        raise error
    return errors.answer(request, *found)


def _mount() -> None:
    for kind in (RuleRefused, NotPermitted, Stale, ValidationError, ObjectDoesNotExist):
        api.add_exception_handler(kind, _explained)
    for package, names in (("kernel", settings.KERNEL), ("stages", settings.STAGES)):
        for name in names:
            if (SOURCE / package / name / "api.py").exists():
                module = import_module(f"keju.{package}.{name}.api")
                api.add_router(f"/{name}", module.router)


@api.exception_handler(SchemaError)
def _schema(request: HttpRequest, error: SchemaError) -> HttpResponse:
    reasons = [
        {"rule": "", "field": ".".join(str(p) for p in e["loc"]), "text": str(e["msg"])} for e in error.errors
    ]
    body = {"type": "about:blank", "title": str(errors.INVALID), "status": 422, "reasons": reasons}
    return JsonResponse(body, status=422, content_type="application/problem+json")


_mount()
