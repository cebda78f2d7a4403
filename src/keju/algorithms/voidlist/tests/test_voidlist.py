"""A device without a network tells a ticket that holds from one that was reissued or revoked."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.algorithms.merkle import NoteRefused, Signer
from keju.algorithms.voidlist import KEY_NAME, read, write

SIGNER = Signer.from_seed(KEY_NAME, sha256(b"test").digest())
PUBLIC = SIGNER.verifier.public
CODE = st.text("0123456789abcdef", min_size=16, max_size=16)
ENTRIES = st.dictionaries(
    st.integers(0, 10**10 - 1).map(lambda n: f"{n:010d}"), st.none() | CODE, max_size=40
)


def opened(text: str, **more: object) -> object:
    return read(text, **{"public_key": PUBLIC, "exam": "vet-2011", "host": "1301", **more})  # type: ignore[arg-type]


def refused(text: str, **more: object) -> str:
    with pytest.raises(NoteRefused) as error:
        opened(text, **more)
    return error.value.code


@given(ENTRIES, st.integers(0, 10**6))
def test_what_is_written_is_read(entries: dict[str, str | None], version: int) -> None:
    text = write("vet-2011", "1301", version, entries, SIGNER)
    assert text == write("vet-2011", "1301", version, dict(reversed(entries.items())), SIGNER)
    found = read(text, PUBLIC, exam="vet-2011", host="1301", at_least=version)
    assert (found.version, found.entries) == (version, entries)
    assert len(text) < 240 + 29 * len(entries)


@pytest.mark.rule("V7.3")
def test_a_ticket_holds_unless_the_list_says_otherwise() -> None:
    text = write("vet-2011", "1301", 3, {"1113010001": None, "1113010002": "0" * 16}, SIGNER)
    found = read(text, PUBLIC, exam="vet-2011", host="1301")
    assert [found.state(n, c) for n, c in (
        ("1113010001", "a" * 16), ("1113010002", "a" * 16), ("1113010002", "0" * 16), ("1113010003", "a" * 16),
    )] == ["revoked", "reissued", "valid", "valid"]  # fmt: skip


def test_a_list_that_is_not_what_it_claims_is_refused() -> None:
    text = write("vet-2011", "1301", 3, {"1113010001": None, "1113010002": "0" * 16}, SIGNER)
    other = Signer.from_seed(KEY_NAME, sha256(b"other").digest())
    cases = {
        "unsigned": write("vet-2011", "1301", 3, {}, other),
        "false_signature": text.replace("1113010001\n", ""),
        "other": write("vet-2012", "1301", 3, {}, SIGNER),
        "form": text[:-1],
    }
    assert {refused(case) for case in cases.values()} == set(cases)
    assert refused(text, at_least=4) == "old"
    assert refused(text, host="1302") == "other"


def test_only_what_the_format_can_say_is_written() -> None:
    for entries in ({"12a": None}, {"12": "XYZ"}, {"": None}):
        with pytest.raises(ValueError, match="digits"):
            write("vet-2011", "1301", 1, entries, SIGNER)
