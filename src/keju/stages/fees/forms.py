"""What finance officers and candidates type."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from keju.kernel.exams.choosing import offer
from keju.kernel.notices.attaching import AttachmentField
from keju.kernel.sheets import Column, read_table
from keju.rulebook.words import Words, t
from keju.stages.fees import queries

ANY = t("全部", "All")
PLAIN = {"autocomplete": "off"}
EMPLOYEES = (
    Column("reference", t("缴费码或报名号", "Reference or registration number"), required=True, unique=True),
    Column("amount", t("金额", "Amount"), kind="decimal"),
)  # fmt: skip
NOTHING_CHOSEN = t("请先选中要撤销的项。", "Choose what is to be undone first.")
BAD_LINE = t(
    "第{n}行看不懂：“{text}”。每行一个缴费码或报名号，可在后面写金额。",
    "Line {n} is not understood: “{text}”. One reference or registration number a line, an amount after it if you like.",
)


def _yuan(label: Words, **options: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        max_digits=12,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        **options,
    )


class TariffForm(forms.Form):
    provincial_fee = _yuan(t("考试费（元）", "Provincial fee (yuan)"), min_value=Decimal(0))
    approval = forms.CharField(
        label=t("批准文件名称和文号", "Approving document, with its number"), max_length=200
    )
    attached = AttachmentField(t("批准文件（扫描件，会公布）", "The document, scanned (it is published)"))
    payee = forms.CharField(
        label=t("收款账户（户名、开户行、账号；转账缴费的考生会看到）",
                "Account for transfers: holder, bank, number (candidates see it)"),
        required=False, max_length=300, widget=forms.TextInput(attrs=PLAIN),
    )  # fmt: skip
    starts_on = forms.DateField(
        label=t("从哪天起执行（可空，即今天）", "From which day (empty: today)"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class RangeForm(forms.Form):
    prefix = forms.CharField(
        label=t("字轨（号码前的字母等，可空）", "Series (what stands before the number; may be empty)"),
        max_length=20,
        required=False,
    )
    first = forms.IntegerField(label=t("起号", "First number"), min_value=1, max_value=10**15)
    last = forms.IntegerField(label=t("止号", "Last number"), min_value=1, max_value=10**15)


class RemitForm(forms.Form):
    amount = _yuan(t("上缴金额（元）", "Amount sent (yuan)"), min_value=Decimal("0.01"))
    reference = forms.CharField(label=t("银行凭证号", "Bank reference"), max_length=60)


class FiscalForm(forms.Form):
    region = forms.CharField(widget=forms.HiddenInput, max_length=2)
    number = forms.CharField(label=t("财政票据号", "Number of the fiscal receipt"), max_length=40)


class RefundFilter(forms.Form):
    state = forms.ChoiceField(
        label=t("状态", "State"),
        required=False,
        choices=[("", ANY), ("owed", t("待退", "To be paid")), ("paid", t("已退", "Paid"))],
    )


class PaymentFilter(forms.Form):
    q = forms.CharField(label=t("票据号", "Receipt number"), required=False, max_length=40)


class LineFilter(forms.Form):
    q = forms.CharField(
        label=t("对方、附言、流水号或金额", "Counterparty, remark, serial or amount"),
        required=False,
        max_length=60,
    )
    state = forms.ChoiceField(
        label=t("显示", "Show"),
        required=False,
        choices=[
            ("", ANY),
            ("open", t("待查", "Not explained")),
            ("in", t("收入", "Money in")),
            ("out", t("支出", "Money out")),
        ],
    )


class OrderFilter(forms.Form):
    state = forms.ChoiceField(
        label=t("状态", "State"),
        required=False,
        choices=[
            ("", ANY),
            ("open", t("等待结果", "Waiting")),
            ("paid", t("已支付", "Paid")),
            ("closed", t("未支付，已关闭", "Closed unpaid")),
            ("trouble", t("有矛盾，待查", "Contradictory")),
        ],
    )


class StatementForm(forms.Form):
    file = forms.FileField(
        label=t("网银导出的对账单（csv、xlsx或xls）", "Statement as the bank exports it (csv, xlsx or xls)"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx,.xls", "autofocus": True}),
    )
    layout = forms.ChoiceField(label=t("版式", "Layout"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(code, layout.name) for code, layout in queries.layouts().items()]
        offer(self, "layout", [("", t("自动识别", "Recognise it")), *known])


class LineForm(forms.Form):
    """What a line of the statement was: a thing of ours, or candidates by their references, and on what grounds."""

    what = forms.ChoiceField(label=t("这笔款是", "This is"), widget=forms.RadioSelect)
    people = forms.CharField(
        label=t("考生（每行一个缴费码或报名号，可在后面写金额）",
                "Candidates (a reference or registration number a line, an amount after it if you like)"),
        required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 4, "autofocus": True}),
    )  # fmt: skip
    file = forms.FileField(
        label=t(
            "或单位名单（xlsx、csv：缴费码、金额）", "Or the employer's list (xlsx, csv: reference, amount)"
        ),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.xls"}),
    )
    back = _yuan(
        t("其中退回付款人（元）", "Of it back to the payer (yuan)"), required=False, min_value=Decimal(0)
    )
    reason = forms.CharField(label=t("依据", "On what grounds"), max_length=200)

    def __init__(self, *args: Any, choices: Sequence[tuple[str, Words | str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "what", choices)

    def amounts(self) -> list[tuple[str, Decimal | None]]:
        """(reference, amount or None) of everybody listed, from the box and from the file. ValidationError if unreadable."""
        found = [
            _pair(n, line)
            for n, line in enumerate(self.cleaned_data["people"].splitlines(), 1)
            if line.strip()
        ]
        given: UploadedFile | None = self.cleaned_data["file"]
        if given is not None:
            table = read_table(given.read(), filename=given.name or "", columns=EMPLOYEES, max_rows=5000)
            if table.errors:
                raise ValidationError([f"{e.number}: {e.words}" for e in table.errors[:20]])
            found += [(row.values["reference"], row.values["amount"]) for row in table.rows]
        return found


def _pair(n: int, line: str) -> tuple[str, Decimal | None]:
    """The amount is what stands last, if it has a decimal point or something readable stands before it."""
    words = line.replace("，", " ").replace(",", " ").replace("\t", " ").split()
    try:
        amount = Decimal(words[-1]) if len(words) > 1 and len(words[-1]) < 12 else None
    except InvalidOperation:
        amount = None
    if amount is None:
        return "".join(words), None
    if not amount.is_finite() or amount <= 0 or amount != amount.quantize(Decimal("0.01")):
        raise ValidationError(str(BAD_LINE.format(n=n, text=line[:40])))
    return "".join(words[:-1]), amount


class UndoForm(forms.Form):
    """Which parts of a line were explained wrongly, and how that was found."""

    match = forms.TypedMultipleChoiceField(coerce=int, error_messages={"required": NOTHING_CHOSEN})
    reason = forms.CharField(label=t("为什么撤销", "Why it is undone"), max_length=200)

    def __init__(self, *args: Any, choices: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "match", [(pk, pk) for pk in choices])


class BatchForm(forms.Form):
    way = forms.ChoiceField(choices=[(code, words) for code, words in queries.WAYS.items()])


class BounceForm(forms.Form):
    item = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label=t("银行退回的原因", "Why the bank returned it"), max_length=200)


class AccountForm(forms.Form):
    holder = forms.CharField(label=t("户名（考生本人）", "Account holder (yourself)"), max_length=80)
    bank = forms.CharField(label=t("开户银行（到支行）", "Bank and branch"), max_length=100)
    number = forms.CharField(
        label=t("账号或卡号", "Account or card number"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
