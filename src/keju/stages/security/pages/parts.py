"""What the pages of this stage share: a list with its pager, a sheet, and a form that answers with its refusals."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from keju.kernel.exams.refusing import explain
from keju.kernel.files.responses import answer
from keju.kernel.files.scans import received
from keju.kernel.sheets import XLSX, Column, write_table
from keju.rulebook import RuleRefused

PAGE = 50


def sheet(columns: Sequence[Column], rows: Iterable[Sequence[object]], name: str) -> HttpResponse:
    return answer(write_table(columns, rows), XLSX, name)


def photos_of(request: HttpRequest, most: int) -> list[bytes]:
    return received(request.FILES.getlist("photos"), most)


def tried(form: forms.Form, exam: Any, act: Callable[[], object]) -> bool:
    """Whether `act` went through; else the form says at its fields what stands against it."""
    try:
        act()
    except RuleRefused as refused:
        explain(form, refused, exam)
        return False
    except ValidationError as unfit:
        form.add_error(None, unfit)
        return False
    return True
