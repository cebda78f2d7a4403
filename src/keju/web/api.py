"""The API: each stage's router under /api/v1/, the same doors and the same services as the pages."""

from importlib import import_module
from pathlib import Path
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.errors import ValidationError as SchemaError

from keju.kernel.audit import NotPermitted, Stale
from keju.rulebook import RuleRefused
from keju.web import errors, settings

SOURCE = Path(__file__).parents[1]
PROBLEMS = {
    400: "The request is malformed.",
    403: "Not signed in, no second factor, no token against forgery, or the posting does not include this.",
    404: "There is no such record, or not for this office.",
    409: "The rules do not allow it, or somebody was quicker.",
    422: "What was sent does not fit; each reason names its field.",
}
TEXT = {"type": "string"}
PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. Each reason says, in the reader's language, which clause refuses and why.",
    "required": ["type", "title", "status", "reasons"],
    "properties": {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "reasons": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["rule", "text"],
                "properties": {"rule": TEXT, "text": TEXT, "field": TEXT},
            },
        },
    },
}


class Api(NinjaAPI):
    """Describes with every operation the problems that it may answer with."""

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        schema = super().get_openapi_schema(**kwargs)
        shared = schema["components"]
        shared.setdefault("schemas", {})["Problem"] = PROBLEM
        content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        shared["responses"] = {
            f"Problem{s}": {"description": w, "content": content} for s, w in PROBLEMS.items()
        }
        for operations in schema["paths"].values():
            for operation in operations.values():
                for status in PROBLEMS:
                    answer = {"$ref": f"#/components/responses/Problem{status}"}
                    operation["responses"].setdefault(status, answer)
        return schema


api = Api(
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
            if any((SOURCE / package / name / room).exists() for room in ("api.py", "api")):
                module = import_module(f"keju.{package}.{name}.api")
                api.add_router(f"/{name}", module.router)


@api.exception_handler(HttpError)
def _malformed(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What the framework itself could not read: a body that is no JSON."""
    return errors.bad_request(request)


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return errors.not_found(request)


@api.exception_handler(SchemaError)
def _schema(request: HttpRequest, error: SchemaError) -> HttpResponse:
    reasons = [
        {"rule": "", "field": ".".join(str(p) for p in e["loc"]), "text": str(e["msg"])} for e in error.errors
    ]
    body = {"type": "about:blank", "title": str(errors.INVALID), "status": 422, "reasons": reasons}
    return JsonResponse(body, status=422, content_type="application/problem+json")


_mount()
