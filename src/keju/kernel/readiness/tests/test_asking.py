"""Rows are asked of every provider, in the scope of the office, of the programme's clauses only."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from keju.kernel.duties import services as duties
from keju.kernel.exams.models import Exam
from keju.kernel.notices.tests.year import AT, ROOT, china, exam_of_2011
from keju.kernel.readiness import GREEN, MUST, RED, Gate, Row, provides
from keju.kernel.readiness import registry as registered
from keju.kernel.readiness.asking import code_of, found
from keju.kernel.readiness.gates import gate
from keju.rulebook.words import t

pytestmark = pytest.mark.django_db
LACKING = t("还差1人", "one is missing")


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> None:
    """No provider but those of the test."""
    monkeypatch.setattr(registered, "_providers", {})


def test_rows_of_the_office_and_below_only(only: None) -> None:
    exam = exam_of_2011()

    @provides("V2.4", strength=MUST)
    def deputies(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
        yield Row("/11/1101/", RED, LACKING, lacking=1)
        yield Row("/13/1301/", GREEN)

    @provides("P2.3", strength=MUST)
    def jammers(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
        yield Row("/11/1101/01/", RED, LACKING)

    assert [(f.rule, f.row.office_path) for f in found(exam, "/", AT)] == [
        ("V2.4", "/11/1101/"),
        ("V2.4", "/13/1301/"),
    ]  # P2.3 is not of this programme
    assert [f.row.office_path for f in found(exam, "/13/", AT)] == ["/13/1301/"]
    assert [r.rule for r in gate(exam, "/11/1101/01/", Gate.EXAM, AT)] == ["V2.4"]
    assert not list(gate(exam, "/13/1301/01/", Gate.EXAM, AT))
    assert not list(gate(exam, "/11/1101/01/", Gate.HOST, AT))


def test_a_provider_of_another_shape_is_refused(only: None) -> None:
    with pytest.raises(TypeError, match="takes"):
        provides("V2.4")(lambda exam, path: [])  # type: ignore[type-var]
    with pytest.raises(ValueError, match="clause"):
        provides("2.4")


def test_late_duties_are_rows_of_their_clause() -> None:
    exam = exam_of_2011()
    duties.reach(exam=exam, key="confirmation_ends", when=china(2011, 6, 30, 17), by=ROOT, at=AT)
    rows = [f for f in found(exam, "/13/", china(2011, 7, 6, 9)) if f.row.url == "duties-list"]
    assert [(f.rule, f.row.office_path, str(f.row.state), f.row.lacking) for f in rows] == [
        ("V5.4", "/13/", "grey", 0),
        ("V6.2", "/13/", "amber", 1),
        ("V8.2a", "/13/", "grey", 0),
        ("V5.3.3", "/13/1301/", "red", 1),
        ("V5.3.3", "/13/1302/", "red", 1),
    ]
    assert all((f.row.words is None) == (f.row.lacking == 0) for f in rows)
    assert found(exam, "/13/1301/", AT, rules=["V5.4"]) == []


def test_codes_of_paths() -> None:
    assert [code_of(p) for p in ("/", "/11/", "/11/1101/", "/11/1101/01/")] == [
        "centre",
        "11",
        "1101",
        "1101-01",
    ]
