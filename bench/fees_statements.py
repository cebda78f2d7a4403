"""A bank statement of 20,000 lines: read and understood, its references found.

python bench/fees_statements.py [LINES]
"""

import io
import os
import platform
import resource
import sys
import time
from decimal import Decimal

import django
import xlsxwriter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keju.web.settings")
django.setup()

from keju.stages.fees import rules, services  # noqa: E402

HEAD = ["交易日期", "交易流水号", "收入金额", "支出金额", "余额", "对方户名", "对方账号", "附言"]


def main() -> None:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    balance, rows = Decimal(0), []
    for n in range(lines):
        balance += 160
        remark = f"张三报名费 {rules.reference(n).lower()} 谢谢"
        rows.append(
            ["2011-07-05", f"S{n:08d}", "160.00", "", f"{balance:.2f}", "张三", "6222021234567890128", remark]
        )
    print(
        f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, {lines:,} lines"
    )
    for name, data in (("csv, GB18030", _csv(rows)), ("workbook", _book(rows))):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        start = time.perf_counter()
        _, found = services.parse(data, "a.csv" if name.startswith("csv") else "a.xlsx")
        named = sum(len(rules.references(line.remark)) for line in found)
        wall = time.perf_counter() - start
        cpu = resource.getrusage(resource.RUSAGE_SELF).ru_utime - before
        cpu += resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - children
        assert len(found) == named == lines
        print(
            f"{name}: {len(data):,} bytes, {wall:.2f} s, {cpu:.2f} s of processor, {cpu / lines * 1e6:.0f} µs a line"
        )


def _csv(rows: list[list[str]]) -> bytes:
    return "\n".join(",".join(row) for row in [HEAD, *rows]).encode("gb18030")


def _book(rows: list[list[str]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as book:
        page = book.add_worksheet()
        for n, row in enumerate([HEAD, *rows]):
            page.write_row(n, 0, row)
    return buffer.getvalue()


if __name__ == "__main__":
    main()
