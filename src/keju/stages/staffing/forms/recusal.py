"""A declaration as typed, in the office or behind a one-time link; a decision about a hit; holding to account."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms

from keju.algorithms.identity import DOCUMENT_KINDS, NAMES
from keju.rulebook.words import t
from keju.stages.staffing.rules.recusal import CAUSES, MOST_RELATIVES, RELATIONS, NewDeclaration, NewRelative

ROWS = 4
KINDS = [(kind, t(*NAMES[kind])) for kind in DOCUMENT_KINDS]
UPHELD = "upheld"


class DeclarationForm(forms.Form):
    """Relatives row by row, or that there is nobody; the pledge. What is wrong of it the rule says, not the form."""

    nobody = forms.BooleanField(
        label=t(
            "本人没有配偶、直系亲属或其他利害关系人参加本年度考试",
            "No spouse, direct relative or interested party of mine sits this year's exam",
        ),
        required=False,
    )
    address = forms.CharField(
        label=t("本人现住址", "Where you live"),
        max_length=200,
        required=False,
        help_text=t(
            "选填。只用来与考生的地址核对，不保存原文。",
            "Optional. Compared with candidates' addresses; the text itself is not kept.",
        ),
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    pledge = forms.BooleanField(
        label=t("本人已阅读并作出上述承诺", "I have read this and pledge it"), required=False
    )

    def __init__(self, data: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(dict(data.items()) if data is not None else None, **kwargs)
        asked = (data or {}).get("rows", "")
        self.size = (
            min(int(asked), MOST_RELATIVES)
            if asked.isascii() and asked.isdecimal() and len(asked) < 4
            else ROWS
        )
        for n in range(1, self.size + 1):
            self.fields[f"relation_{n}"] = forms.ChoiceField(
                label=t("与本人的关系", "Relation"), choices=[("", "—"), *RELATIONS.items()], required=False
            )
            self.fields[f"name_{n}"] = forms.CharField(label=t("姓名", "Name"), max_length=80, required=False)
            self.fields[f"kind_{n}"] = forms.ChoiceField(
                label=t("证件种类", "Kind of document"), choices=KINDS, required=False
            )
            self.fields[f"identity_{n}"] = forms.CharField(
                label=t("证件号码", "Document number"),
                max_length=40,
                required=False,
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )

    def rows(self) -> Iterator[tuple[int, list[forms.BoundField]]]:
        """(number, its fields) of each relative's row."""
        for n in range(1, self.size + 1):
            yield n, [self[f"{name}_{n}"] for name in ("relation", "name", "kind", "identity")]

    @property
    def more(self) -> int:
        """How many rows the form has after asking for further ones."""
        return min(self.size + ROWS, MOST_RELATIVES)

    def grown(self) -> "DeclarationForm":
        """The same as typed, with more rows and nothing judged."""
        form = DeclarationForm({**self.data, "rows": str(self.more)})
        form.full_clean()
        form.errors.clear()
        return form

    def declaration(self, member_id: int) -> tuple[NewDeclaration, list[int]]:
        """What was typed, and the number of the form's row of each relative. After `is_valid`."""
        typed = self.cleaned_data
        found, places = [], []
        for n in range(1, self.size + 1):
            relation, name, kind, number = (
                typed[f"{key}_{n}"] for key in ("relation", "name", "kind", "identity")
            )
            if relation or name.strip() or number.strip():
                found.append(NewRelative(relation, name, number, kind or "resident"))
                places.append(n)
        said = NewDeclaration(
            member_id, typed["nobody"], tuple(found), typed["pledge"], typed["address"].strip()
        )
        return said, places

    def say(self, field: str | None, words: str, places: list[int]) -> None:
        """A refusal stands at the field that it is about."""
        name, _, row = (field or "").rpartition("_")
        if name and row.isdecimal() and int(row) <= len(places):
            field = f"{name}_{places[int(row) - 1]}"
        self.add_error(field if field in self.fields else None, words)


class DecisionForm(forms.Form):
    """What becomes of a hit."""

    outcome = forms.ChoiceField(
        label=t("决定", "Decision"),
        choices=[
            (
                UPHELD,
                t(
                    "应当回避，岗位不生效（请更换人员）",
                    "Barred: the post stays out of force (replace the member)",
                ),
            ),
            *(
                (cause, t("解除：{why}", "Release: {why}").format(why=words))
                for cause, words in CAUSES.items()
            ),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=t("理由：怎样核实、结果如何", "Reason: how it was looked into, and what came out"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )


class StateForm(forms.Form):
    """Which hits are listed; what does not fit is left aside."""

    state = forms.ChoiceField(
        label=t("状态", "State"),
        required=False,
        choices=[
            ("open", t("待决定", "To be decided")),
            ("upheld", t("应当回避", "Barred")),
            ("released", t("已解除", "Released")),
            ("all", t("全部", "All")),
        ],
    )

    def asked(self) -> str:
        """The state asked for, "" for all; those to be decided unless something else was asked."""
        chosen = self.cleaned_data.get("state") if self.is_valid() else ""
        return "" if chosen == "all" else chosen or "open"


class HintFilter(forms.Form):
    """Which hints are listed."""

    state = forms.ChoiceField(
        label=t("状态", "State"),
        required=False,
        choices=[("open", t("请核实", "To be answered")), ("all", t("全部", "All"))],
    )

    def asked_open(self) -> bool:
        """Those to be answered, unless all are asked for."""
        return not (self.is_valid() and self.cleaned_data["state"] == "all")


class HintForm(forms.Form):
    """What was found about a hint."""

    related = forms.ChoiceField(
        label=t("核实结果", "What was found"),
        choices=[
            ("no", t("没有配偶、直系亲属参加考试", "No spouse or direct relative sits the exam")),
            ("yes", t("有，已请本人补充申报", "There is one; the member was told to declare")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=t("怎样核实的", "How it was looked into"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AccountForm(forms.Form):
    """Holding a member to account."""

    rule = forms.CharField(
        label=t("条款", "Clause"), max_length=12, required=False, help_text=t("例如V2.9", "For example V2.9")
    )
    what = forms.CharField(
        label=t("事实", "What happened"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    measure = forms.CharField(label=t("处理结果", "What follows"), max_length=300, required=False)
