"""The steps of the wizard. Each asks one thing; a route's own fields are asked only after the route is chosen."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from keju.kernel.exams.choosing import offer
from keju.rulebook import Programme, Refusal
from keju.rulebook.words import Words, t
from keju.stages.registration.documents import DEGREES, FACTS, FIELDS, MAJORS, NUMBERED, SEXES, TITLES

PHONE = RegexValidator(
    r"^\+?[0-9][0-9 \-]{5,18}$",
    t(
        "请填写完整的电话号码，只用数字，例如13800138000。",
        "Enter the whole number in digits, for example 13800138000.",
    ),
)
CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
CHOOSE = t("请选择", "Choose")


class _Words(forms.CharField):
    """One line of text: blanks at the ends and invisible characters go, what people typed stays."""

    def to_python(self, value: Any) -> str:
        return re.sub(
            r"[ \u3000]+", " ", CONTROL.sub("", (super().to_python(value) or "").replace("\n", " "))
        ).strip()


class PersonForm(forms.Form):
    """The identity number is the account's and is not asked again."""

    name = _Words(
        label=FIELDS["name"],
        max_length=80,
        help_text=t("与身份证完全一致。生僻字、间隔号“·”都可以填。", "Exactly as on the identity card."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = _Words(
        label=FIELDS["phone"],
        max_length=20,
        validators=[PHONE],
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    email = forms.EmailField(
        label=FIELDS["email"],
        max_length=120,
        required=False,
        error_messages={"invalid": t("请填写有效的电子邮箱地址。", "Enter a valid e-mail address.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    address = _Words(
        label=FIELDS["address"],
        max_length=200,
        widget=forms.Textarea(attrs={"autocomplete": "street-address", "rows": 2}),
    )
    employer = _Words(
        label=FIELDS["employer"],
        max_length=120,
        required=False,
        help_text=t("没有工作单位的不用填。", "Leave it empty if you have none."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )


class UnnumberedPersonForm(PersonForm):
    """Of somebody whose document's number tells neither birthday nor sex."""

    sex = forms.ChoiceField(label=FIELDS["sex"], choices=list(SEXES.items()), widget=forms.RadioSelect)
    birth_on = forms.DateField(
        label=FIELDS["birth_on"],
        help_text=t("与证件一致。", "As in the document."),
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}, format="%Y-%m-%d"),
    )

    field_order = ["name", "sex", "birth_on"]


def person_form(document_kind: str, *args: Any, **kwargs: Any) -> PersonForm:
    return (PersonForm if document_kind in NUMBERED else UnnumberedPersonForm)(*args, **kwargs)


class CategoryForm(forms.Form):
    category = forms.ChoiceField(label=FIELDS["category"], widget=forms.RadioSelect)
    route = forms.ChoiceField(
        label=FIELDS["route"],
        widget=forms.RadioSelect,
        help_text=t(
            "只选一种。下一步只填写与它有关的内容。",
            "Choose one; the next page asks only what belongs to it.",
        ),
    )

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "category", [(c.code, c.name) for c in programme.categories])
        offer(self, "route", [(r.code, r.name) for r in programme.routes])


def _select(key: str, known: Mapping[str, Words]) -> forms.ChoiceField:
    return forms.ChoiceField(label=FACTS[key], choices=[("", CHOOSE), *known.items()])


def _school() -> _Words:
    return _Words(label=FACTS["school"], max_length=120)


class DiplomaForm(forms.Form):
    degree = _select("degree", DEGREES)
    major = _select("major", MAJORS)
    school = _school()


class TitleForm(forms.Form):
    title = _select("title", TITLES)
    title_on = forms.DateField(
        label=FACTS["title_on"], widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class GraduatingForm(forms.Form):
    major = _select("major", MAJORS)
    school = _school()
    graduating_year = forms.IntegerField(label=FACTS["graduating_year"], min_value=1950, max_value=2100)


FORMS: Mapping[str, type[forms.Form]] = {
    "diploma": DiplomaForm,
    "title": TitleForm,
    "graduating": GraduatingForm,
}


def facts_form(route: str, *args: Any, **kwargs: Any) -> forms.Form | None:
    """The form of exactly that route's fields; None for a route that nobody knows."""
    return FORMS[route](*args, **kwargs) if route in FORMS else None


def facts_of(form: forms.Form) -> dict[str, str]:
    """The answers as the rules and the draft hold them: text."""
    return {key: str(value) for key, value in form.cleaned_data.items() if value not in (None, "")}


def tell(form: forms.Form, refusals: Iterable[Refusal], programme: Programme) -> bool:
    """Refusals become errors of their fields (of the whole form where it lacks the field). True if there were any."""
    told = False
    for refusal in refusals:
        said = refusal.words(programme)
        words = t(f"{said.zh}（{refusal.rule}）", f"{said.en} ({refusal.rule})")
        form.add_error(refusal.field if refusal.field in form.fields else None, words)
        told = True
    return told


class PointForm(forms.Form):
    """The points themselves are drawn by the page, those that are not ready greyed with the reason."""

    point_code = forms.CharField(
        label=FIELDS["point_code"],
        max_length=4,
        error_messages={"required": t("请选择一个报名考点。", "Choose a point.")},
    )


class PledgeForm(forms.Form):
    pledge = forms.BooleanField(
        label=t("我已阅读并接受上述承诺", "I have read and accept this pledge"), required=False
    )
