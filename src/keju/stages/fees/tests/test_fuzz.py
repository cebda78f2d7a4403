"""Whatever bytes come as a statement: read, or refused in words; within five seconds and half a gigabyte."""

import io
import subprocess
import sys
import zipfile
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keju.rulebook import RuleRefused
from keju.stages.fees import services
from keju.stages.fees.tests.test_statements import ONE_COLUMN, workbook

SEED = b"\xef\xbb\xbf" + ONE_COLUMN.encode()
BOOK = workbook(
    [
        ["记账日", "凭证号", "发生额", "余额", "对方户名", "用途"],
        ["20110704", "V1", 160.0, 160.0, "张三", "费"],
    ]
)
MUTATION = st.tuples(st.integers(0, 10**6), st.binary(max_size=6), st.integers(0, 12))
PARSE = """
import resource, sys
import django
django.setup()
from django.core.exceptions import ValidationError
from keju.rulebook import RuleRefused
from keju.stages.fees import services
data = sys.stdin.buffer.read()
used = resource.getrusage(resource.RUSAGE_SELF)
seconds = int(used.ru_utime + used.ru_stime) + 1 + 5
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
try:
    services.parse(data, sys.argv[1])
except (ValidationError, RuleRefused) as error:
    print(type(error).__name__)
# The most memory that this program held (ru_maxrss would begin with its parent's).
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def attempt(data: bytes, name: str) -> None:
    """Read or refused; every line that is read is an amount exact to the fen."""
    try:
        _, lines = services.parse(data, name)
    except (ValidationError, RuleRefused):
        return
    assert all(x.amount and x.amount == x.amount.quantize(Decimal("0.01")) for x in lines)
    assert len({x.key for x in lines}) == len(lines)


def mutated(seed: bytes, changes: list[tuple[int, bytes, int]]) -> bytes:
    for place, put, cut in changes:
        at = place % (len(seed) + 1)
        seed = seed[:at] + put + seed[at + cut :]
    return seed


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(changes=st.lists(MUTATION, max_size=8), name=st.sampled_from(["a.csv", "a.txt", "a.xlsx", ""]))
def test_a_damaged_csv_never_crashes(changes: list[tuple[int, bytes, int]], name: str) -> None:
    attempt(mutated(SEED, changes), name)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    data=st.one_of(
        st.binary(max_size=3000), st.text(max_size=2000).map(lambda s: s.encode("gb18030", "replace"))
    )
)
def test_any_bytes_never_crash(data: bytes) -> None:
    attempt(data, "a.csv")


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(changes=st.lists(MUTATION, min_size=1, max_size=5))
def test_a_damaged_workbook_never_crashes(changes: list[tuple[int, bytes, int]]) -> None:
    attempt(mutated(BOOK, changes), "a.xlsx")


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in zipfile.ZipFile(io.BytesIO(BOOK)).namelist():
            data = zipfile.ZipFile(io.BytesIO(BOOK)).read(name)
            archive.writestr(name, data + b" " * (200 << 20) if name.endswith("sheet1.xml") else data)
    return buffer.getvalue()


HEAD = "记账日,凭证号,发生额,余额,对方户名,用途\n"
HOSTILE = {
    "many lines": (HEAD + "20110704,V,1,,,\n" * 600_000).encode(),
    "one long line": b"a," * 5_000_000,
    "one long cell": (HEAD + '20110704,V,1,,,"' + "x" * 9_000_000).encode(),
    "many quotes": (HEAD + '"' * 9_000_001).encode(),
    "many digits": (HEAD + "20110704,V," + "9" * 9_000_000 + ",,,\n").encode(),
    "a bomb": bomb,
    "nothing but newlines": b"\n" * 10_000_000,
}


# Each costs a process; these are the ones that found something.
EACH_RUN = {"a bomb", "one long line", "many lines"}


@pytest.mark.parametrize(
    "name", [n if n in EACH_RUN else pytest.param(n, marks=pytest.mark.nightly) for n in HOSTILE]
)
def test_a_hostile_file_costs_at_most_five_seconds_and_half_a_gigabyte(name: str) -> None:
    """In a process of its own, which the system ends after five more seconds of processor time."""
    data = HOSTILE[name]() if callable(HOSTILE[name]) else HOSTILE[name]
    file = "a.xlsx" if name == "a bomb" else "a.csv"
    done = subprocess.run([sys.executable, "-c", PARSE, file], input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    *_, peak = done.stdout.decode().split()
    assert int(peak) < 512 * 1024
