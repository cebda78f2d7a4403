"""Questions and kinds of identity document as programmes write them."""

import shutil
from pathlib import Path

import pytest

from keju.rulebook import load_programme
from keju.rulebook.check import check_programme
from keju.rulebook.programmes import HOME

ENTRY = """
  - code: new
    rule: {rule}
    question: {{zh: 问, en: Asked}}
    answer: {{zh: "{zh}", en: Answered}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "veterinarian"
    shutil.copytree(HOME / "veterinarian", target)
    return target


def faults(folder: Path) -> list[tuple[str, str]]:
    return [(p.file, p.words.en) for p in check_programme(folder) if not p.mild]


def ask(folder: Path, rule: str = "V8.1", zh: str = "答") -> None:
    with (folder / "faq.yaml").open("a", encoding="utf-8") as file:
        file.write(ENTRY.format(rule=rule, zh=zh))


def test_a_sound_question_is_no_problem(folder: Path) -> None:
    ask(folder, zh="{fees_refund_working_days}天")
    assert faults(folder) == []


@pytest.mark.parametrize(
    ("rule", "zh", "said"),
    [
        ("V99.9", "答", "rules.yaml has no clause V99.9"),
        ("V8.1", "{fees_refund_days}天", "there is no figure “fees_refund_days”"),
        ("nonsense", "答", "is no clause id"),
    ],
)
def test_an_answer_rests_on_a_clause_and_figures_that_exist(
    folder: Path, rule: str, zh: str, said: str
) -> None:
    ask(folder, rule, zh)
    assert any(file == "faq.yaml" and said in words for file, words in faults(folder))


def test_a_code_stands_once(folder: Path) -> None:
    ask(folder)
    ask(folder)
    assert ("faq.yaml", "“new” is written twice") in faults(folder)


def test_an_unknown_kind_of_identity_document_is_a_problem(folder: Path) -> None:
    path = folder / "programme.yaml"
    path.write_text(
        path.read_text("utf-8").replace(
            "identity_documents: [resident,", "identity_documents: [library_card,"
        ),
        "utf-8",
    )
    assert any("kind of identity document" in words for _, words in faults(folder))


def test_an_adopting_programme_keeps_the_answers_whose_clauses_it_keeps() -> None:
    veterinarian, physician = load_programme("veterinarian"), load_programme("physician")
    assert {q.code for q in physician.faq} >= {"photo", "pledge"}
    assert "fee" in {q.code for q in veterinarian.faq} - {q.code for q in physician.faq}
    assert physician.identity_documents == veterinarian.identity_documents
