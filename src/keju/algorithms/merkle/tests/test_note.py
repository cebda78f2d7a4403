"""Checkpoints: published keys and notes, what is tolerated, and that nothing altered gets through."""

import hashlib
from base64 import b64decode, b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.algorithms.merkle import (
    NoteRefused,
    Signer,
    Verifier,
    add_signature,
    open_checkpoint,
    sign_checkpoint,
)
from keju.algorithms.merkle.keys import WITNESS

ROOT = hashlib.sha256(b"root").digest()
LOG = Signer.from_seed("keju.example/audit", b"\x01" * 32)
OTHER = Signer.from_seed("keju.example/other", b"\x02" * 32)
WATCH = Signer.from_seed("witness.example/one", b"\x03" * 32, WITNESS)
NOTE = sign_checkpoint("keju.example/audit", 42, ROOT, [LOG])


def refused(text: str, *verifiers: Verifier) -> str:
    with pytest.raises(NoteRefused) as caught:
        open_checkpoint(text, verifiers)
    return caught.value.code


def test_what_was_signed_is_what_is_read() -> None:
    checkpoint = open_checkpoint(NOTE, [LOG.verifier])
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == ("keju.example/audit", 42, ROOT)
    assert checkpoint.signed_by == {LOG.name: None}
    assert checkpoint.extensions == ()


def test_the_bytes_are_those_of_the_format() -> None:
    lines = NOTE.split("\n")
    assert lines[:4] == ["keju.example/audit", "42", b64encode(ROOT).decode(), ""]
    assert lines[4].startswith("— keju.example/audit ")
    assert lines[5:] == [""]


def test_same_input_same_bytes() -> None:
    assert sign_checkpoint("keju.example/audit", 42, ROOT, [LOG]) == NOTE


@pytest.mark.parametrize(
    "key",
    [
        # The key of the public Go checksum database: its id is computed by the same rule.
        "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_key_ids_of_published_keys(key: str) -> None:
    assert str(Verifier.parse(key)) == key


def test_a_mistyped_key_is_noticed() -> None:
    word = str(LOG.verifier)
    with pytest.raises(ValueError, match="does not match"):
        Verifier.parse(word.replace("audit", "audlt"))
    with pytest.raises(ValueError, match="not a verifier key"):
        Verifier.parse(word[:-2])


def test_witnesses_are_tolerated_unknown_and_counted_when_known() -> None:
    note = add_signature(NOTE, WATCH, at=1_318_723_200)
    assert open_checkpoint(note, [LOG.verifier]).signed_by == {LOG.name: None}
    both = open_checkpoint(note, [LOG.verifier, WATCH.verifier])
    assert both.signed_by == {LOG.name: None, WATCH.name: 1_318_723_200}
    assert note == sign_checkpoint("keju.example/audit", 42, ROOT, [LOG, WATCH], at=1_318_723_200)


def test_a_witness_cannot_be_dated_otherwise() -> None:
    body = NOTE.split("\n\n")[0] + "\n"
    line = WATCH.line(body, 1_318_723_200)
    forged = bytearray(b64decode(line.split(" ")[2]))
    forged[11] ^= 1
    text = NOTE + f"— {WATCH.name} {b64encode(bytes(forged)).decode()}\n"
    assert refused(text, LOG.verifier, WATCH.verifier) == "false_signature"


def signed_by_hand(signer: Signer, at: int) -> str:
    """What `Signer.line` refuses to write: a witness signature of any time."""
    body = NOTE.split("\n\n")[0] + "\n"
    signature = signer.private.sign(f"cosignature/v1\ntime {at}\n{body}".encode())
    raw = signer.verifier.key_id + at.to_bytes(8, "big") + signature
    return NOTE + f"— {signer.name} {b64encode(raw).decode()}\n"


def test_witness_signatures_are_those_of_the_format_and_of_possible_times() -> None:
    assert signed_by_hand(WATCH, 1_318_723_200) == add_signature(NOTE, WATCH, at=1_318_723_200)
    last = 2**63 - 1
    assert open_checkpoint(signed_by_hand(WATCH, last), [WATCH.verifier]).signed_by == {WATCH.name: last}
    assert refused(signed_by_hand(WATCH, 2**63), WATCH.verifier) == "false_signature"


@pytest.mark.parametrize("signer", [OTHER, WATCH])
@pytest.mark.parametrize("length", [1, 8, 63, 65, 71, 73])
def test_signatures_of_another_length_are_false(signer: Signer, length: int) -> None:
    raw = signer.verifier.key_id + bytes(length)
    note = NOTE + f"— {signer.name} {b64encode(raw).decode()}\n"
    assert refused(note, LOG.verifier, signer.verifier) == "false_signature"


def test_a_witness_without_the_time_does_not_sign() -> None:
    with pytest.raises(ValueError, match="time"):
        add_signature(NOTE, WATCH)


def test_the_same_key_as_log_is_not_the_witness() -> None:
    as_log = Signer(WATCH.name, WATCH.private)
    note = sign_checkpoint("keju.example/audit", 42, ROOT, [as_log])
    assert refused(note, WATCH.verifier) == "unsigned"


def test_nobody_trusted_signed() -> None:
    assert refused(NOTE, OTHER.verifier) == "unsigned"
    assert refused(NOTE) == "unsigned"


def test_a_key_of_the_same_name_is_not_the_key() -> None:
    double = Signer.from_seed(LOG.name, b"\x09" * 32)
    note = sign_checkpoint("keju.example/audit", 42, ROOT, [double])
    assert refused(note, LOG.verifier) == "unsigned"
    assert open_checkpoint(NOTE + double.line("another text\n"), [LOG.verifier]).size == 42


def test_one_false_signature_of_a_known_key_condemns_the_note() -> None:
    note = NOTE + OTHER.line("another text\n")
    assert open_checkpoint(note, [LOG.verifier]).size == 42
    assert refused(note, LOG.verifier, OTHER.verifier) == "false_signature"


def test_twice_the_same_name_is_not_two_witnesses() -> None:
    assert refused(add_signature(NOTE, LOG), LOG.verifier) == "signed_twice"


@given(st.integers(0, len(NOTE) - 1), st.characters(codec="utf-8"))
def test_no_single_altered_character_gets_through(place: int, character: str) -> None:
    altered = NOTE[:place] + character + NOTE[place + 1 :]
    if altered != NOTE:
        refused(altered, LOG.verifier)


@given(st.integers(0, len(NOTE) - 1))
def test_no_cut_gets_through(end: int) -> None:
    refused(NOTE[:end], LOG.verifier)


@given(st.integers(0, len(NOTE)), st.text(min_size=1, max_size=4))
def test_nothing_inserted_changes_what_is_read(place: int, text: str) -> None:
    try:
        checkpoint = open_checkpoint(NOTE[:place] + text + NOTE[place:], [LOG.verifier])
    except NoteRefused:
        return
    assert checkpoint == open_checkpoint(NOTE, [LOG.verifier])


@pytest.mark.parametrize(
    "body",
    [
        "o\n042\n" + b64encode(ROOT).decode() + "\n",
        "o\n+42\n" + b64encode(ROOT).decode() + "\n",
        "o\n４２\n" + b64encode(ROOT).decode() + "\n",
        "o\n42\n" + b64encode(ROOT[:31]).decode() + "\n",
        "o\n42\n",
        "o\n42\n" + b64encode(ROOT).decode() + "\n\nextension after an empty line\n",
    ],
)
def test_a_signed_text_that_is_no_checkpoint_is_refused(body: str) -> None:
    assert refused(body + "\n" + LOG.line(body), LOG.verifier) == "form"


def test_extension_lines_are_kept() -> None:
    body = "o\n7\n" + b64encode(ROOT).decode() + "\nhello\n"
    assert open_checkpoint(body + "\n" + LOG.line(body), [LOG.verifier]).extensions == ("hello",)


@pytest.mark.parametrize(
    ("origin", "size", "root"), [("", 1, ROOT), ("a\nb", 1, ROOT), ("a", -1, ROOT), ("a", 1, b"")]
)
def test_what_the_format_cannot_say_is_not_signed(origin: str, size: int, root: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        sign_checkpoint(origin, size, root, [LOG])
    with pytest.raises(ValueError, match="signer"):
        sign_checkpoint("a", 1, ROOT, [])


def test_the_private_key_is_not_printed() -> None:
    assert "private" not in repr(LOG)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\tb", "a\u3000b"])
def test_key_names_that_would_break_the_line(name: str) -> None:
    with pytest.raises(ValueError, match="key name"):
        Signer.from_seed(name, bytes(32))
