"""The books: what every account holds, as kept while it is booked; and counted again from the postings."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from keju.kernel.exams.models import Exam
from keju.kernel.offices import tallies
from keju.rulebook.words import Words, t
from keju.stages.fees.models import Account, Posting

ACCOUNTS: dict[str, Words] = {
    Account.RECEIVABLE: t("应收考生费用", "Owed by candidates"),
    Account.CASH: t("考点现金", "Cash at points"),
    Account.BANK: t("考区银行存款（对账单）", "Regions' banks, by their statements"),
    Account.OUTSTANDING: t("银行未达账项", "Done, not yet on a statement"),
    Account.SUSPENSE: t("待查款项", "On a statement, not yet explained"),
    Account.GATEWAY: t("在线支付待结算", "Taken online, not yet settled"),
    Account.ADVANCE: t("预收考生费用", "Paid before confirmation"),
    Account.IN_TRANSIT: t("上缴在途", "On its way to the centre"),
    Account.NATIONAL_PAYABLE: t("应缴中心考务费", "National fees owed to the centre"),
    Account.PROVINCIAL: t("考试费收入（考区）", "Provincial fees earned"),
    Account.REFUND_PAYABLE: t("应退费用", "Refunds owed"),
    Account.OTHER: t("其他（利息、手续费等）", "Other (interest, bank charges)"),
    Account.CENTRE_BANK: t("中心银行存款", "The centre's bank"),
    Account.NATIONAL: t("考务费收入（中心）", "National fees earned by the centre"),
}


@dataclass(frozen=True)
class Balance:
    """An account's sums in yuan; the balance stands on one side, the other is None."""

    account: str
    name: Words
    amount: Decimal

    @property
    def debit(self) -> Decimal | None:
        return self.amount if self.amount > 0 else None

    @property
    def credit(self) -> Decimal | None:
        return -self.amount if self.amount < 0 else None


def ledger_sum(exam: Exam) -> Decimal:
    """The sum of every account in the viewer's scope: 0."""
    return sum((b.amount for b in trial_balance(exam)), Decimal(0))


def trial_balance(exam: Exam, office_path: str = "/") -> list[Balance]:
    """Every account's balance under the office, in the viewer's scope; the sum of all is 0."""
    found = tallies.by_key(exam_id=exam.pk, subject="fees_accounts", office_path=office_path)
    return [
        Balance(code, name, found[code].amount if code in found else Decimal(0))
        for code, name in ACCOUNTS.items()
    ]


def recounted_balance(exam: Exam, office_path: str = "/") -> list[Balance]:
    """As `trial_balance`, from every single posting: for reports that prove something."""
    found = dict(
        Posting.objects.filter(exam=exam, **under(office_path))
        .values_list("account")
        .annotate(a=Sum("amount"))
    )
    return [Balance(code, name, found.get(code, Decimal(0))) for code, name in ACCOUNTS.items()]


def balance(exam: Exam, account: str, office_path: str) -> Decimal:
    """One account under the office."""
    found = tallies.by_key(exam_id=exam.pk, subject="fees_accounts", office_path=office_path)
    return found[account].amount if account in found else Decimal(0)


def by_region(exam: Exam) -> dict[str, dict[str, Decimal]]:
    """Region code → account → balance, in the viewer's scope."""
    table: dict[str, dict[str, Decimal]] = {}
    for (path, account), tally in tallies.by_office(exam_id=exam.pk, subject="fees_accounts").items():
        mine = table.setdefault(path[1:3], {})
        mine[account] = mine.get(account, Decimal(0)) + tally.amount
    return table


def under(office_path: str) -> dict[str, str]:
    """The filter for rows of the office and everything below it."""
    return {"office_path__gte": office_path, "office_path__lt": office_path + "~"}
