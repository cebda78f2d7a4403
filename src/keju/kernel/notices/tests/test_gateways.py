"""Adapters against servers that are slow, down, wrong, contradictory; addresses; what a letter may carry."""

import email
import email.policy
import hashlib
import hmac
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.kernel.notices.gateways import Letter, Refused, Unavailable
from keju.kernel.notices.gateways.addresses import mailbox, number
from keju.kernel.notices.gateways.console import Console
from keju.kernel.notices.gateways.folder import Folder
from keju.kernel.notices.gateways.http import Http
from keju.kernel.notices.gateways.letters import masked
from keju.kernel.notices.gateways.smtp import Smtp
from keju.kernel.notices.tests.gateway import SECRET, http_gateway, mail_server

SMS = Letter(
    "3f2b", "sms", "results", "zh", "+8613800138000", "成绩已公布", "考试成绩已公布，请登录报名网站查询。"
)
MAIL = Letter(
    "3f2b", "email", "results", "en", "one@example.org", "Results are out", "The results are out.\n"
)


def http(url, **more):
    return Http({"url": url, "account": "keju", "secret": SECRET, "timeout": 0.5, **more})


@pytest.fixture
def gateway():
    with http_gateway() as (url, seen):
        yield http(url), seen


def test_a_text_message_is_signed_and_carries_its_key(gateway):
    adapter, seen = gateway
    assert adapter.send(SMS) == "m-1"
    ((headers, body),) = seen.requests
    assert seen.bodies == [{"id": "3f2b", "to": "+8613800138000", "text": SMS.text, "kind": "results"}]
    signed = hmac.new(
        SECRET.encode(), headers["X-Timestamp"].encode() + b"\n" + body, hashlib.sha256
    ).hexdigest()
    assert headers["X-Signature"] == f"sha256={signed}" and headers["Idempotency-Key"] == "3f2b"
    assert headers["X-Account"] == "keju" and SECRET not in str(headers)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 409])
def test_taken_now_or_before_is_taken(gateway, status):
    adapter, seen = gateway
    seen.status, seen.answer = status, b"" if status == 204 else seen.answer
    adapter.send(SMS)


@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_will_never_be_taken_is_refused(gateway, status):
    adapter, seen = gateway
    seen.status = status
    with pytest.raises(Refused, match=f"http_{status}"):
        adapter.send(SMS)


@pytest.mark.parametrize("status", [301, 302, 401, 403, 404, 405, 408, 425, 429, 500, 502, 503, 504])
def test_what_may_be_better_later_is_not(gateway, status):
    adapter, seen = gateway
    seen.status = status
    seen.headers = {"Retry-After": "120", "Location": "http://127.0.0.1:1/elsewhere"}
    with pytest.raises(Unavailable, match=f"http_{status}") as error:
        adapter.send(SMS)
    assert error.value.wait == 120 and len(seen.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"OK",
        b"[]",
        b'{"id": null}',
        b'{"id": {"a": 1}}',
        b"\xff\xfe",
        b'{"id": "\xe7\xbc\x96"}',
        b'{"id":"a\\nb"}',
    ],
)
def test_gibberish_after_a_yes_is_a_yes(gateway, answer):
    adapter, seen = gateway
    seen.answer = answer
    assert adapter.send(SMS).isascii()


def test_a_slow_one_is_not_waited_for(gateway):
    adapter, seen = gateway
    seen.sleep = 1.0
    with pytest.raises(Unavailable, match="timeout"):
        adapter.send(SMS)


def test_one_that_answers_drop_by_drop_is_not_waited_for_either(gateway):
    adapter, seen = gateway
    seen.drip = True
    with pytest.raises(Unavailable, match="timeout"):
        adapter.send(SMS)


def test_an_endless_answer_is_not_read_to_its_end(gateway):
    adapter, seen = gateway
    seen.answer = b"x" * 200_000
    with pytest.raises(Unavailable, match="answer_too_long"):
        adapter.send(SMS)


def test_one_that_is_not_there_is_unavailable():
    with http_gateway() as (url, _):
        adapter = http(url)
    with pytest.raises(Unavailable, match="no_connection"):
        adapter.send(SMS)


@pytest.mark.parametrize(
    ("url", "secret"), [("http://example.org/", SECRET), ("", SECRET), ("https://example.org/", "")]
)
def test_without_encryption_or_secret_there_is_no_gateway(url, secret):
    with pytest.raises(ValueError):
        http(url, secret=secret)


def smtp(port, **more):
    options = {
        "host": "127.0.0.1",
        "port": port,
        "user": "",
        "password": "",
        "security": "none",
        "timeout": 2.0,
    }
    return Smtp({**options, "sender": "Exams <noreply@example.org>", **more})


@pytest.fixture
def mails():
    with mail_server() as (port, seen):
        yield smtp(port), seen


def test_a_mail_is_plain_has_one_recipient_and_the_key_as_its_id(mails):
    adapter, seen = mails
    assert adapter.send(MAIL) == "<3f2b@example.org>"
    ((sender, recipient, text),) = seen.mails
    mail = email.message_from_string(text, policy=email.policy.default)
    assert "noreply@example.org" in sender and recipient.lower().count("rcpt") == 1
    assert (mail["Message-ID"], mail["To"], mail["Subject"]) == ("<3f2b@example.org>", MAIL.to, MAIL.subject)
    assert mail.get_content_type() == "text/plain" and "The results are out." in mail.get_content()
    assert mail["Auto-Submitted"] == "auto-generated" and "http" not in text


@pytest.mark.parametrize(
    "subject", ["a\nBcc: b@example.org", "a\r\n\r\nBody", "a\x0bBcc: x", "a\u2028Bcc: x", "成绩\n已公布"]
)
def test_a_subject_cannot_add_a_header(mails, subject):
    adapter, seen = mails
    adapter.send(replace(MAIL, subject=subject))
    mail = email.message_from_string(seen.mails[0][2], policy=email.policy.default)
    assert mail["Bcc"] is None and mail["Subject"] == " ".join(subject.split())
    assert seen.mails[0][1].lower().count("rcpt") == 1


@pytest.mark.parametrize(
    ("command", "answer", "error", "code"),
    [
        ("RCPT", b"550 nobody", Refused, "smtp_550"),
        ("RCPT", b"452 full", Unavailable, "smtp_452"),
        (".", b"554 not wanted", Refused, "smtp_554"),
        (".", b"451 later", Unavailable, "smtp_451"),
        ("MAIL", b"553 not you", Unavailable, "smtp_sender_553"),
        ("EHLO", b"421 too busy", Unavailable, "smtp_down"),
    ],
)
def test_what_a_mail_server_may_say(mails, command, answer, error, code):
    adapter, seen = mails
    seen.refuse = {command: answer, **({"HELO": answer} if command == "EHLO" else {})}
    with pytest.raises(error, match=code):
        adapter.send(MAIL)


def test_no_mail_server():
    with mail_server() as (port, _):
        adapter = smtp(port)
    with pytest.raises(Unavailable, match="smtp_down"):
        adapter.send(MAIL)


def test_the_console_masks_and_says_no_word_of_the_text(caplog):
    Console({}).send(SMS)
    assert "+86138****8000" in caplog.text and "13800138000" not in caplog.text and "成绩" not in caplog.text


def test_the_folder_holds_each_letter_once_and_for_its_owner_alone(tmp_path):
    adapter = Folder({"folder": tmp_path / "outbox"})
    assert adapter.send(SMS) == adapter.send(SMS) == "3f2b"
    (path,) = (tmp_path / "outbox").iterdir()
    assert SMS.text in path.read_text("utf-8") and path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("typed", "made"),
    [
        ("13800138000", "+8613800138000"),
        ("+86 138-0013-8000", "+8613800138000"),
        ("0086 13800138000", "+8613800138000"),
        ("(138) 0013 8000", "+8613800138000"),
        ("+852 5123 4567", "+85251234567"),
        ("+44 7911 123456", "+447911123456"),
    ],
)
def test_numbers_as_people_type_them(typed, made):
    assert number(typed) == made


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_number_or_refused(typed):
    try:
        made = number(typed)
    except Refused:
        return
    assert made[0] == "+" and made[1:].isdecimal() and made.isascii() and 8 <= len(made) <= 16


@given(st.text(max_size=60) | st.emails())
def test_whatever_is_typed_is_an_address_or_refused(typed):
    try:
        made = mailbox(typed)
    except Refused:
        return
    assert made.count("@") == 1 and made.isascii() and not set(made) & set("\r\n,;<> ")


@given(st.text(min_size=1, max_size=40))
def test_a_mask_hides_most(address):
    shown = masked(address)
    assert "***" in shown and (shown != address)


def test_a_code_says_nothing_but_a_code():
    assert Refused("13800138000 is unknown").code == "odd_code" and Unavailable("http_503").code == "http_503"
