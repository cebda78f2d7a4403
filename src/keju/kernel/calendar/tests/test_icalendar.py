"""Calendar files: read back they say what was written, and each line is as RFC 5545 wants it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.kernel.calendar import CHINA
from keju.kernel.calendar.icalendar import Entry, calendar, escaped, folded

START = datetime(2011, 10, 15, 15, 0, tzinfo=CHINA)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=120)


def unfolded(data: bytes) -> list[str]:
    return data.replace(b"\r\n ", b"").decode().split("\r\n")


def unescaped(text: str) -> str:
    out, letters = [], iter(text)
    for letter in letters:
        out.append({"n": "\n"}.get(after := next(letters), after) if letter == "\\" else letter)
    return "".join(out)


@given(texts)
def test_a_text_comes_back_as_it_was(text: str) -> None:
    (line, end) = unfolded(folded(f"SUMMARY:{escaped(text)}"))
    assert (unescaped(line.removeprefix("SUMMARY:")), end) == (text, "")


@given(texts)
def test_no_line_is_longer_than_75_octets_and_none_cuts_a_character(text: str) -> None:
    data = folded(f"SUMMARY:{escaped(text)}")
    lines = data.split(b"\r\n")
    assert lines.pop() == b"" and all(len(line) <= 75 for line in lines)
    assert all(line.decode() for line in lines)


def test_a_shift_in_utc_with_its_number_of_changes() -> None:
    end = START + timedelta(hours=10)
    entry = Entry(
        "7@keju", 2, START, end, START, "值班表（北京，东城）; 一\\二", "三楼", "电话", cancelled=True
    )
    lines = unfolded(calendar("值班", [entry]))
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"] and lines[-2:] == ["END:VCALENDAR", ""]
    wanted = {
        "UID:7@keju", "SEQUENCE:2", "DTSTART:20111015T070000Z", "DTEND:20111015T170000Z", "STATUS:CANCELLED",
        "SUMMARY:值班表（北京，东城）\\; 一\\\\二", "LOCATION:三楼", "DTSTAMP:20111015T070000Z",
    }  # fmt: skip
    assert wanted <= set(lines)


def test_what_no_calendar_takes_is_refused() -> None:
    with pytest.raises(ValueError, match="ends after"):
        calendar("", [Entry("1", 0, START, START, START, "")])
    with pytest.raises(ValueError, match="zone"):
        calendar("", [Entry("1", 0, datetime(2011, 1, 1), datetime(2011, 1, 2), START.astimezone(UTC), "")])
    assert escaped("a\x00b\r\nc\x7f") == "ab\\nc"
