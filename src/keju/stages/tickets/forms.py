"""Finding tickets; choosing papers; saying why."""

from django import forms

from keju.kernel.exams.choosing import offer
from keju.rulebook.words import t
from keju.stages.tickets.services import EVERYTHING, KINDS, LAYOUTS, TICKETS


class FilterForm(forms.Form):
    q = forms.CharField(
        label=t("准考证号（可只填开头）", "Ticket number (or its beginning)"), required=False, max_length=10
    )
    site = forms.ChoiceField(label=t("考试地点", "Site"), required=False)

    def __init__(self, *args: object, sites: list[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        offer(self, "site", [("", t("全部", "All")), *((s, s) for s in sites)])


class SheetForm(forms.Form):
    """An order: one kind, everything, or tickets; in which language; on which labels ("" as each kind is made for)."""

    kind = forms.ChoiceField(
        choices=[
            *((code, kind.name) for code, kind in KINDS.items()),
            (EVERYTHING, t("全部材料", "Everything")),
            (TICKETS, t("准考证", "Tickets")),
        ]
    )
    language = forms.ChoiceField(
        label=t("语言", "Language"), choices=[("zh", "中文"), ("en", "English")], required=False
    )
    layout = forms.ChoiceField(
        label=t("标签纸", "Labels"),
        choices=[
            ("", t("按材料默认", "As each is made for")),
            *((code, layout.name) for code, layout in LAYOUTS.items()),
        ],
        required=False,
    )


class PhoneForm(forms.Form):
    phone = forms.CharField(label=t("监督电话", "Supervision phone number"), max_length=60)
    whole = forms.BooleanField(
        label=t("本考区所有考试地点都用这个电话", "For every site of the region"), required=False
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    region_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=t("理由", "Reason"), max_length=300)


class CodeForm(forms.Form):
    code = forms.CharField(
        label=t("准考证二维码内容", "Text of the ticket's code"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SeatForm(forms.Form):
    """Who sits at `seat` of a room goes to `to_seat` of room `to_room`, and whoever sits there comes back in exchange."""

    seat = forms.IntegerField(label=t("座位号", "Seat"), min_value=1, max_value=999)
    to_room = forms.IntegerField(label=t("换到考场", "To room"), min_value=1, max_value=9999)
    to_seat = forms.IntegerField(label=t("座位号", "Seat"), min_value=1, max_value=999)
    reason = forms.CharField(label=t("理由", "Reason"), max_length=300)


class PeopleForm(forms.Form):
    """Who is to be seated late, or to leave."""

    people = forms.TypedMultipleChoiceField(coerce=int)
    reason = forms.CharField(label=t("理由", "Reason"), max_length=300)

    def __init__(self, *args: object, ids: list[int], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        offer(self, "people", [(pk, pk) for pk in ids])
