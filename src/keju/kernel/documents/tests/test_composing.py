"""What goes to the print shop was read again: its pages counted, every name found; and codes verify without us."""

import subprocess
import sys
import time

import pytest

from keju.kernel.documents import codes
from keju.kernel.documents.composing import Misprint, Part, compose
from keju.kernel.documents.counting import page_count, page_texts
from keju.kernel.documents.tests import sample


def part(n=1, **more):
    return Part(sample.data(n), sample.files(n), **more)


def test_parts_follow_one_another_in_one_file():
    made = compose(template=sample.TEMPLATE, parts=(part(n, pages=1) for n in range(3)))
    assert made.pages == page_count(made.pdf) == 3
    assert [f"6501{n:08d}" in text for n, text in enumerate(page_texts(made.pdf))] == [True] * 3
    assert compose(template=sample.TEMPLATE, parts=[part(2), part(1)]).data_hash != made.data_hash
    time.sleep(1.01)  # the library that joins them writes down the second
    assert compose(template=sample.TEMPLATE, parts=[part(n) for n in range(3)]) == made
    with pytest.raises(ValueError, match="without parts"):
        compose(template=sample.TEMPLATE, parts=[])


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("阿依古丽·买买提江", "阿依古丽·买买提江"),
        ("李\U000313a0四", "李\U000313a0四"),
        ("㛃𬀩 e\u0301", "㛃𬀩é"),
    ],
)
def test_names_are_found_as_they_are_printed(name, asked):
    found = Part(sample.data(name=name), sample.files(), names=[asked, f"6501{1:08d}"], pages=1)
    assert compose(template=sample.TEMPLATE, parts=[found]).pages == 1


@pytest.mark.parametrize(
    "more",
    [
        {"pages": 2},
        {"names": ["王小明"]},
        {"names": ["阿依古丽", "\U000313a0"]},
        {"names": ["阿依古丽·买买提江", "阿依古丽·买买提江"]},
    ],
)
def test_a_paper_that_is_not_what_was_ordered_is_not_handed_out(more):
    with pytest.raises(Misprint):
        compose(template=sample.TEMPLATE, parts=[part(**more)])


def test_a_gate_without_network_or_installation_tells_true_codes_from_false():
    """Another process, no settings, no Django: the code and the public key are enough."""
    good = codes.sign_code("ticket", "vet-2011|1113010001|0123456789abcdef")
    bad = good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB")
    script = (
        "import sys; from keju.kernel.documents.offline import verify\n"
        "key = bytes.fromhex(sys.argv[1]); print([verify(c, key) for c in sys.argv[2:]], 'django' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, codes.public_key().hex(), good, bad],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "[('ticket', 'vet-2011|1113010001|0123456789abcdef'), None] False", (
        ran.stderr
    )
