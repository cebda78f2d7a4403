"""The demo's own page: how to sign in as whom. It answers only on a database that was made as a demo."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.shortcuts import render

from keju.kernel.audit import NotPermitted
from keju.kernel.exams.access import Request, public_page
from keju.web.installation.databases import DEMO_MARK

REHEARSAL = "keju.web.rehearsal"


@public_page
def demo(request: Request) -> HttpResponse:
    """The sign-ins of every role with their present codes; 404 anywhere but in a demo."""
    if not is_demo():
        raise NotPermitted(hidden=True)
    return render(request, "site/demo.html", {"found": _sign_ins()})


def is_demo() -> bool:
    """True if the database itself says that it was made as a demo."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        )
        row = cursor.fetchone()
    return row is not None and row[0] == DEMO_MARK


def _sign_ins() -> list[Any]:
    """What the rehearsal offers; nothing where it is not part of this installation."""
    if find_spec(REHEARSAL) is None or find_spec(f"{REHEARSAL}.demo") is None:
        return []
    return list(import_module(f"{REHEARSAL}.sign_ins").sign_ins())
