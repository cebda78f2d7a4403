"""The books against what stands behind them: every figure must close to zero, and what does not is named by its entry.

Each check compares a figure of the ledger with the rows that it follows from. Where they differ, the entries at fault are
found one by one: a fen too much names the entry.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import connection

from keju.kernel.exams.models import Exam
from keju.rulebook.words import Words, t
from keju.stages.fees.queries.ledger import recounted_balance
from keju.stages.fees.queries.receipts import range_uses

ZERO = Decimal(0)
MOST = 50


@dataclass(frozen=True)
class Fault:
    """An entry (0: there is none) that differs from what it follows from (`source`), in yuan."""

    entry: int
    source: str
    should: Decimal
    booked: Decimal


@dataclass(frozen=True)
class Check:
    """Two figures in yuan that must be equal, and the faults if they are not, or hide each other."""

    code: str
    words: Words
    left: Decimal
    right: Decimal
    faults: list[Fault] = field(default_factory=list)

    @property
    def difference(self) -> Decimal:
        return self.left - self.right

    @property
    def holds(self) -> bool:
        return not self.difference and not self.faults


# What each kind of entry must move, by the row that it follows from: (kind, account, rows as (source, amount)).
# A row without a source of its own is joined by registration ("registration:7").
FOLLOWS: Sequence[tuple[str, str, Words, str]] = (
    ("charge", "receivable", t("应收费用 = 已收费用的标准之和", "Charges = the fees of those who paid"),
     "SELECT 'registration:' || registration_id, national + provincial FROM fees_payment WHERE {scope}"),
    ("payment", "receivable", t("收费分录 = 收费明细", "Payments booked = payments taken"),
     "SELECT 'registration:' || registration_id, -(national + provincial) FROM fees_payment WHERE {scope}"),
    ("booked", "bank", t("银行存款 = 对账单各行之和", "The bank account = the lines of its statements"),
     "SELECT 'line:' || id, amount FROM fees_statement_line WHERE {scope}"),
    ("explained", "suspense", t("已查明款项 = 核销记录", "What was explained = the explanations"),
     "SELECT 'match:' || id, amount FROM fees_match WHERE {scope}"),
    ("undone", "suspense", t("撤销的核销 = 已撤销的核销记录", "Explanations taken back = those undone"),
     "SELECT 'match:' || id, -amount FROM fees_match WHERE undone_at IS NOT NULL AND {scope}"),
    ("online", "gateway", t("在线收款 = 已支付订单", "Taken online = orders paid"),
     "SELECT 'order:' || id, paid FROM fees_order WHERE state = 'paid' AND {scope}"),
    ("surplus", "refund_payable", t("多缴应退 = 退费名单（多缴）", "Surplus owed back = the list of surpluses"),
     "SELECT source, -amount FROM fees_refund WHERE cause IN ('surplus', 'lapsed') AND {scope}"),
    ("explained", "refund_payable", t("不明来款应退 = 退费名单（不明来款）", "Strangers' money owed back = the list of it"),
     "SELECT substr(source, 7), -amount FROM fees_refund WHERE cause = 'stray' AND {scope}"),
    ("unowed", "refund_payable", t("取消的多缴应退 = 名单中已取消的", "Surplus no longer owed = refunds cancelled"),
     "SELECT source, amount FROM fees_refund"
     " WHERE cause IN ('surplus', 'lapsed') AND cancelled_at IS NOT NULL AND {scope}"),
    ("undone", "refund_payable", t("取消的不明来款应退 = 名单中已取消的", "Strangers' money no longer owed = refunds cancelled"),
     "SELECT substr(source, 7), amount FROM fees_refund WHERE cause = 'stray' AND cancelled_at IS NOT NULL AND {scope}"),
    ("refund_owed", "refund_payable", t("审核未过应退 = 退费名单（审核）", "Owed after review = the list of failed reviews"),
     "SELECT 'registration:' || registration_id, -amount FROM fees_refund WHERE cause = 'review' AND {scope}"),
    ("refund", "refund_payable", t("已退费 = 退费批次中已发出的", "Refunded = what left in batches"),
     "SELECT 'item:' || id, amount FROM fees_refund_item WHERE state IN ('sent', 'bounced') AND {scope}"),
    ("bounced", "refund_payable", t("退回款 = 批次中被退回的", "Returned = what came back of batches"),
     "SELECT 'item:' || id, -amount FROM fees_refund_item WHERE state = 'bounced' AND {scope}"),
)  # fmt: skip
COMPARE = """
WITH rows(source, amount) AS ({rows}),
books AS (
  SELECT e.id, coalesce(nullif(e.source, ''), 'registration:' || e.registration_id) AS source,
         sum(p.amount) FILTER (WHERE p.account = %(account)s) AS amount
  FROM fees_entry e JOIN fees_posting p ON p.entry_id = e.id
  WHERE e.exam_id = %(exam)s AND e.kind = %(kind)s AND e.office_path >= %(path)s AND e.office_path < %(end)s
  GROUP BY e.id
)
SELECT (SELECT coalesce(sum(amount), 0) FROM books), (SELECT coalesce(sum(amount), 0) FROM rows),
  (SELECT coalesce(array_agg(ARRAY[coalesce(b.id, 0)::text, coalesce(b.source, r.source), coalesce(r.amount, 0)::text,
                                   coalesce(b.amount, 0)::text]), '{{}}')
   FROM (SELECT b.id, b.source, b.amount FROM books b) b FULL JOIN rows r ON r.source = b.source
   WHERE r.amount IS DISTINCT FROM b.amount)
"""
SCOPE = "exam_id = %(exam)s AND office_path >= %(path)s AND office_path < %(end)s"
UNBALANCED = f"""
SELECT p.entry_id, sum(p.amount) FROM fees_posting p WHERE {SCOPE} GROUP BY p.entry_id HAVING sum(p.amount) <> 0 LIMIT %(most)s
"""  # noqa: S608  constants of this file
REST = {
    "suspense": (t("待查款项 = 未查明的对账单行", "Suspense = lines not explained"),
                 "SELECT -coalesce(sum(open), 0) FROM fees_statement_line WHERE {scope}"),
    "advance": (t("预收款 = 到账未用未退的款项", "Advances = arrived, neither used nor owed back"),
                "SELECT (SELECT coalesce(sum(advance), 0) FROM fees_payment WHERE {scope})"
                " + (SELECT coalesce(sum(amount), 0) FROM fees_refund WHERE cause IN ('surplus', 'lapsed')"
                " AND cancelled_at IS NULL AND {scope})"
                " - (SELECT coalesce(sum(amount), 0) FROM fees_advance WHERE {scope})"),
    "refund_payable": (t("应退费用 = 未退名单", "Refunds owed = the list not yet paid"),
                       "SELECT -coalesce(sum(amount), 0) FROM fees_refund"
                       " WHERE paid_at IS NULL AND cancelled_at IS NULL AND {scope}"),
    "in_transit": (t("上缴在途 = 未确认到账的上缴", "On its way = remittances not confirmed"),
                   "SELECT coalesce(sum(amount), 0) FROM fees_remittance WHERE received_at IS NULL AND {scope}"),
    "centre_bank": (t("中心已收 = 已确认的上缴", "At the centre = remittances confirmed"),
                    "SELECT coalesce(sum(amount), 0) FROM fees_remittance WHERE received_at IS NOT NULL AND {scope}"),
}  # fmt: skip


def checks(exam: Exam, office_path: str = "/") -> list[Check]:
    """Every check of the books under the office, within the viewer's scope."""
    return [*_checks(exam, office_path)]


def reconciliation(exam: Exam, office_path: str = "/") -> dict[str, Decimal]:
    """Where the money came from and where it is: `in` = `out`, in yuan, account by account."""
    found = {b.account: b.amount for b in recounted_balance(exam, office_path)}
    held = ("cash", "bank", "outstanding", "gateway", "in_transit", "centre_bank")
    owed = ("national_payable", "provincial", "national", "refund_payable", "advance", "suspense", "other")
    facts = {name: found[name] for name in held} | {name: -found[name] for name in owed}
    facts["receivable"] = found["receivable"]
    facts["held"] = sum((found[name] for name in held), ZERO)
    facts["owed"] = -sum((found[name] for name in owed), ZERO)
    facts["rest"] = facts["held"] + facts["receivable"] - facts["owed"]
    return facts


def _checks(exam: Exam, path: str) -> Iterator[Check]:
    facts: dict[str, object] = {"exam": exam.pk, "path": path, "end": path + "~", "most": MOST}
    with connection.cursor() as cursor:
        cursor.execute(UNBALANCED, facts)
        faults = [Fault(pk, "", ZERO, amount) for pk, amount in cursor.fetchall()]
        balances = {b.account: b.amount for b in recounted_balance(exam, path)}
        yield Check(
            "balance", t("借方 = 贷方", "Debits = credits"), sum(balances.values(), ZERO), ZERO, faults
        )
        for kind, account, words, rows in FOLLOWS:
            statement = COMPARE.format(rows=rows.format(scope=SCOPE))
            cursor.execute(statement, {**facts, "kind": kind, "account": account})
            booked, should, wrong = cursor.fetchone()
            faults = [Fault(int(pk), source, Decimal(r), Decimal(b)) for pk, source, r, b in wrong[:MOST]]
            yield Check(kind, words, booked, should, faults)
        for account, (words, query) in REST.items():
            cursor.execute(query.format(scope=SCOPE), facts)
            (should,) = cursor.fetchone()
            yield Check(account, words, balances[account], should)
        yield Check(
            "receivable",
            t("应收未收 = 0（收费时一次收清）", "Still owed by candidates = 0 (charged and paid at once)"),
            balances["receivable"],
            ZERO,
        )
    uses = range_uses(exam, path[1:3])
    gaps = sum(len(u.missing) + len(u.doubled) for u in uses)
    yield Check("receipts", t("票据无缺号无重号", "No receipt missing or doubled"), Decimal(gaps), ZERO)
