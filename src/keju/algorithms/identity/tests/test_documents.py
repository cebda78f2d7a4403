"""Documents of every kind: what was meant is taken, and one person has one number."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.algorithms.identity import (
    COUNTRIES,
    DOCUMENT_KINDS,
    FORMS,
    NAMES,
    REASONS,
    Document,
    IdentityRefused,
    check_document,
    compose,
    mrz_check_digit,
)

STANDARD = "11010519491231002X"
PERMIT = compose("810000", date(1990, 1, 1), 2)

TAKEN = [
    ("resident", STANDARD.lower(), "", Document("resident", STANDARD, "CHN", date(1949, 12, 31), "female")),
    ("resident", "110105491231002", "", Document("resident", STANDARD, "CHN", date(1949, 12, 31), "female")),
    # The number decides: a residence permit is one in whichever field it is typed.
    ("resident", PERMIT, "", Document("residence_permit", PERMIT, "HKG", date(1990, 1, 1), "female")),
    ("residence_permit", PERMIT, "", Document("residence_permit", PERMIT, "HKG", date(1990, 1, 1), "female")),
    ("hk_macao_permit", "h1234 5678", "", Document("hk_macao_permit", "H12345678", "HKG")),
    ("hk_macao_permit", "M12345678", "", Document("hk_macao_permit", "M12345678", "MAC")),
    ("hk_macao_permit", "H1234567803", "", Document("hk_macao_permit", "H12345678", "HKG")),
    ("taiwan_permit", "12345678", "", Document("taiwan_permit", "12345678", "TWN")),
    ("taiwan_permit", "1234567802", "", Document("taiwan_permit", "12345678", "TWN")),
    ("taiwan_permit", "1234567802（B）", "", Document("taiwan_permit", "12345678", "TWN")),
    ("taiwan_permit", "1234567802B", "", Document("taiwan_permit", "12345678", "TWN")),
    # The specimen of ICAO Doc 9303 part 4: L898902C3 with check digit 6.
    ("passport", "l898902c3", "gbr", Document("passport", "L898902C3", "GBR")),
    ("passport", "L898902C36", "GBR", Document("passport", "L898902C3", "GBR")),
    ("passport", "AB2134<<<5", "FRA", Document("passport", "AB2134", "FRA")),
    ("passport", "1234567", "USA", Document("passport", "1234567", "USA")),
]

REFUSED = [
    ("resident", "H12345678", "", "characters"),
    ("resident", "110105194912310020", "", "check_digit"),
    ("residence_permit", STANDARD, "", "not_permit"),
    ("hk_macao_permit", "A12345678", "", "hk_macao_form"),
    ("hk_macao_permit", "H1234567", "", "hk_macao_form"),
    ("hk_macao_permit", "H123456789", "", "hk_macao_form"),
    ("hk_macao_permit", "", "", "hk_macao_form"),
    ("taiwan_permit", "1234567", "", "taiwan_form"),
    ("taiwan_permit", "123456789", "", "taiwan_form"),
    ("taiwan_permit", "12345678B", "", "taiwan_form"),
    ("passport", "L898902C3", "", "country"),
    ("passport", "L898902C3", "XXX", "country"),
    ("passport", "E12345678", "CHN", "country"),
    ("passport", "K12345678", "HKG", "country"),
    ("passport", "L898902C37", "GBR", "passport_check_digit"),
    ("passport", "L898902C3678", "GBR", "passport_form"),
    ("passport", "ПАСПОРТ1", "RUS", "passport_form"),
    ("passport", "<<<", "FRA", "passport_form"),
    ("passport", "", "FRA", "passport_form"),
]


@pytest.mark.parametrize(("kind", "typed", "country", "meant"), TAKEN)
def test_what_was_meant_is_taken(kind: str, typed: str, country: str, meant: Document) -> None:
    assert check_document(kind, typed, country) == meant


@pytest.mark.parametrize(("kind", "typed", "country", "code"), REFUSED)
def test_what_cannot_be_is_refused_in_words(kind: str, typed: str, country: str, code: str) -> None:
    with pytest.raises(IdentityRefused) as refused:
        check_document(kind, typed, country)
    assert refused.value.code == code
    assert all(REASONS[refused.value.code])


def test_an_unknown_kind_is_a_bug() -> None:
    with pytest.raises(ValueError, match="library card"):
        check_document("library card", "1")


@pytest.mark.parametrize(
    ("field", "digit"), [("L898902C3", "6"), ("D23145890", "7"), ("AB2134<<<", "5"), ("740812", "2")]
)
def test_check_digits_of_the_machine_readable_zone(field: str, digit: str) -> None:
    assert mrz_check_digit(field) == digit


@given(st.sampled_from(DOCUMENT_KINDS), st.text(max_size=20), st.sampled_from(["", "GBR", "CHN", "??"]))
def test_whatever_is_typed_gets_an_answer_and_stands_by_it(kind: str, typed: str, country: str) -> None:
    try:
        found = check_document(kind, typed, country)
    except IdentityRefused as refused:
        assert all(REASONS[refused.code])
    else:
        assert check_document(found.kind, found.number, found.country) == found


@given(st.from_regex(r"[HM][0-9]{8}", fullmatch=True), st.from_regex(r"[0-9]{2}", fullmatch=True))
def test_a_reissued_permit_is_the_same_person(number: str, reissue: str) -> None:
    assert check_document("hk_macao_permit", number + reissue) == check_document("hk_macao_permit", number)


def test_every_kind_and_country_has_words_in_both_languages() -> None:
    for words in (*NAMES.values(), *FORMS.values(), *COUNTRIES.values()):
        assert all(words)
    assert set(NAMES) == set(FORMS) == set(DOCUMENT_KINDS)
    assert len(COUNTRIES) == len({zh for zh, _ in COUNTRIES.values()}) > 190
