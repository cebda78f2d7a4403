"""Generated people: valid, distinct, consistent, the same again."""

import time
from collections import Counter
from datetime import date
from itertools import islice

import pytest
from stdnum.cn import ric

from keju.algorithms.synthetic.codes import counties, living
from keju.algorithms.synthetic.faces import sex_of
from keju.algorithms.synthetic.names import RARE
from keju.algorithms.synthetic.people import SyntheticPerson, generate_people
from keju.algorithms.synthetic.permutation import Permutation
from keju.algorithms.synthetic.study import MAJORS, TITLE_BEFORE

REGIONS = ["11", "1301", "1302", "4602", "5001", "5101", "650100", "440305", "5401"]
PEOPLE = list(generate_people(1, 9_000, REGIONS, 2011, n_good=48, n_bad=17))


def test_identity_numbers_are_valid_distinct_and_agree_with_the_person() -> None:
    assert len({p.identity_number for p in PEOPLE}) == len(PEOPLE)
    for person in PEOPLE:
        number = person.identity_number
        assert ric.is_valid(number), person
        assert ric.get_birth_date(number) == person.born_on
        assert (int(number[16]) % 2 == 1) == (person.sex == "M")
    assert {p.identity_number[-1] for p in PEOPLE} == set("0123456789X")


def test_the_same_seed_gives_the_same_people_and_more_of_them_only_adds() -> None:
    assert list(generate_people(1, 9_000, REGIONS, 2011, n_good=48, n_bad=17)) == PEOPLE
    for n in (0, 1, 4_096, 4_097):
        assert list(generate_people(1, n, REGIONS, 2011, n_good=48, n_bad=17)) == PEOPLE[:n]
    other = {p.identity_number for p in generate_people(2, 9_000, REGIONS, 2011)}
    assert len(other & {p.identity_number for p in PEOPLE}) < 20


def test_names_include_those_that_break_systems() -> None:
    names = [p.name for p in PEOPLE]
    assert sum(any(sign in RARE for sign in name) for name in names) >= 50
    assert all(ord(sign) > 0xFFFF for sign in RARE)
    assert sum(len(name) == 25 for name in names) >= 20
    assert max(map(len, names)) == 25
    assert sum("·" in name for name in names) > 200
    assert sum(name[:2] in ("欧阳", "诸葛", "上官", "司马") for name in names) > 5
    assert all(not name.startswith("·") and not name.endswith("·") and "··" not in name for name in names)
    assert Counter(name[0] for name in names).most_common(1)[0][0] in "王李张"


@pytest.mark.rule("V5.3.1b")
def test_eligible_people_fulfil_their_route_and_the_others_miss_just_their_flaw() -> None:
    def misses(person: SyntheticPerson) -> set[str]:
        study, missed = person.study, set()
        if study.route == "a":
            missed |= {"degree"} - ({"degree"} if study.degree != "secondary" else set())
            assert study.graduated_on is not None
            assert person.born_on.year + 20 < study.graduated_on.year < 2011
        if study.route in "ac":
            missed |= {"major"} if study.major not in MAJORS else set()
        if study.route == "b":
            assert study.title_on is not None
            assert study.title_on.year >= person.born_on.year + 25
            missed |= {"title"} if study.title_on >= TITLE_BEFORE else set()
        if study.route == "c":
            assert study.graduated_on is not None
            missed |= {"graduation"} if study.graduated_on.year != 2011 else set()
        return missed

    for person in PEOPLE:
        assert misses(person) == ({person.study.flaw} if person.study.flaw else set()), person
    assert {p.study.route for p in PEOPLE} == set("abc")
    assert {p.study.flaw for p in PEOPLE} == {"", "degree", "major", "title", "graduation"}
    assert 0.02 < sum(not p.study.eligible for p in PEOPLE) / len(PEOPLE) < 0.06


@pytest.mark.rule("V5.3.0")
def test_categories_regions_phones_and_photos() -> None:
    shares = Counter(p.category for p in PEOPLE)
    assert 0.06 < shares["aquatic"] / len(PEOPLE) < 0.10
    spread = Counter(p.region for p in PEOPLE)
    assert set(spread) == set(REGIONS)
    assert max(spread.values()) < 1.3 * min(spread.values())
    assert all(len(p.phone) == 11 and p.phone.startswith("154") for p in PEOPLE)
    assert all(sex_of(p.photo) == p.sex and 0 <= p.photo < 65 for p in PEOPLE)
    assert 0.02 < sum(p.photo >= 48 for p in PEOPLE) / len(PEOPLE) < 0.06
    assert {p.photo for p in PEOPLE} == set(range(65))


def test_every_year_of_birth_has_a_county_in_every_province() -> None:
    provinces = [f"{n}" for n in range(11, 66)]
    known = []
    for code in provinces:
        try:
            counties(code)
        except ValueError:
            continue
        known.append(code)
        assert all(living(code, year) for year in range(1960, 1991)), code
    assert len(known) == 31


def test_people_can_be_asked_for_up_to_the_last_number_and_no_further() -> None:
    everyone = generate_people(1, 10**12, ["11"], 2011)
    with pytest.raises(ValueError, match="at most"):
        next(everyone)
    for bad in (["99"], ["1"], ["ab"], ["11", "11"], []):
        with pytest.raises(ValueError, match=r"region|division"):
            next(generate_people(1, 5, bad, 2011))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 64, 1000, 4097])
def test_the_permutation_is_one(size: int) -> None:
    import numpy as np

    out = Permutation(size, 7)(np.arange(size, dtype=np.uint64))
    assert sorted(out.tolist()) == list(range(size))
    if size >= 64:
        assert out.tolist() != list(range(size))


def test_people_stream_fast() -> None:
    stream = generate_people(3, 10**6, REGIONS, 2011)
    next(stream)
    begun = time.process_time()
    assert sum(1 for _ in islice(stream, 20_000)) == 20_000
    assert (time.process_time() - begun) / 20_000 < 100e-6  # 15 µs measured; room for a busy machine


def test_a_later_exam_has_people_of_its_own_year() -> None:
    people = list(generate_people(1, 500, ["32"], 2024))
    assert all(p.born_on <= date(1990, 12, 31) for p in people)
    assert {p.study.graduated_on.year for p in people if p.study.route == "c" and p.study.graduated_on} <= {
        2024,
        2025,
    }
