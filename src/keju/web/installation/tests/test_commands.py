"""The command line itself, and the checks that `make check` runs."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from keju.web import cli
from keju.web.cli import words
from keju.web.cli.models import changes
from keju.web.installation import DataFolder, databases, demo, places
from keju.web.installation.testing import RunDatabases

CHECKOUT = Path(cli.__file__).parents[4]


def lines(found: object) -> list[str]:
    return [what for _, what in found]  # type: ignore[attr-defined]


def test_every_command_says_what_it_does_in_both_languages() -> None:
    known = cli.commands()
    assert {"db", "up", "demo-reset", "models", "words"} <= set(known)
    for name, line in known.items():
        chinese, _, english = line.partition(" · ")
        assert words.HAN.search(chinese), name
        assert english and not words.HAN.search(english), name


def test_help_imports_no_command() -> None:
    script = "import sys; from keju.web.cli import main; main(['--help']); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = ast.literal_eval(done.stdout.splitlines()[-1])
    assert not {"django", "typer", "rich", "psycopg"} & set(loaded)
    assert "demo-reset" in done.stdout


def test_an_unknown_command_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["demo_reset"])
    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith("→ keju demo-reset\n")


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('t("准考证", "Ticket")', []),
        ('t("共 {n} 人", "{n} people")', []),
        ('t("准考证")', ["no English: '准考证'"]),
        ('t("准考证", "")', ["one language is empty: '准考证' ''"]),
        ('t("准考证", "准考证")', ["Chinese in the English: '准考证'"]),
        ('t("共 {n} 人", "{m} people")', ["other facts in braces: '共 {n} 人' '{m} people'"]),
        ('t("中文", "中文")', []),
        ('x = "报名"', ["Chinese alone: '报名'; write t(…, …)"]),
        ('"""报名"""', []),
        ('_instant("报名开始", "Registration opens")', []),
        ('x = ("报名", "Registration")', []),
        (
            'x = ("报名", "确认")',
            ["Chinese alone: '报名'; write t(…, …)", "Chinese alone: '确认'; write t(…, …)"],
        ),
    ],
)
def test_words_in_python(source: str, found: list[str]) -> None:
    assert lines(words.in_python(source, speaks=True)) == found


def test_only_rooms_that_speak_may_not_hold_chinese_alone() -> None:
    assert lines(words.in_python('x = "报名"', speaks=False)) == []


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ('<p title="{% t "报名" "Registration" %}">{% t "报名" "Registration" %} 12 PDF</p>', False),
        ("<p>报名</p>", True),
        ("<p>Registration</p>", True),
        ('<p title="Registration"></p>', True),
        ("<input placeholder='报名'>", True),
        ('{% t "报名" %}', True),
        ('{% t "共 {n} 人" "{m} people" n=3 %}', True),
        ('{% t "共 {n} 人" "{n} people" n=3 %}', False),
        ("{# 报名 #}{% comment %}Registration{% endcomment %}<!-- 报名 -->", False),
        ("<script>let registration = 1</script><code>keju up</code>", False),
        ('<a href="?lang=en" lang="en">{% t "English" "English" %}</a>', False),
        ('<p data-when="a > b">{{ exam.name }}&nbsp;&copy;</p>', False),
        ("{% block surface %}office{% endblock %}", False),
    ],
)
def test_words_in_templates(source: str, wrong: bool) -> None:
    assert bool(lines(words.in_template(source))) is wrong


def test_findings_name_the_line() -> None:
    assert list(words.in_template("<p>\n\n  报名</p>")) == [(3, "outside {% t %}: '报名'")]


def test_a_model_ahead_of_its_migrations_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.apps import apps

    field = apps.get_model("sessions", "Session")._meta.get_field("session_key")
    before = changes()
    monkeypatch.setattr(field, "max_length", 41)
    assert set(changes()) - set(before) == {"sessions: no migration for: Alter field session_key on session"}


def run_environment(tmp_path: Path, path: str) -> subprocess.CompletedProcess[str]:
    command = ["/bin/sh", str(CHECKOUT / "bin" / "environment"), str(tmp_path / "venv"), "run"]
    environment = {"PATH": f"{tmp_path}:{path}", "HOME": str(tmp_path)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def fake_python(tmp_path: Path, name: str, script: str) -> None:
    (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / name).chmod(0o755)


def test_no_python_that_is_new_enough_is_one_sentence(tmp_path: Path) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        fake_python(tmp_path, name, "exit 1")
    done = run_environment(tmp_path, "/usr/bin:/bin")
    assert done.returncode == 2
    assert "Keju needs Python 3.11 or later" in done.stderr and "需要 Python 3.11" in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_a_python_without_venv_is_one_sentence(tmp_path: Path) -> None:
    script = f"""case "$*" in
  *ensurepip*|*"import venv"*|*pip*) exit 1 ;;
  *) exec {sys.executable} "$@" ;;
esac"""
    fake_python(tmp_path, "python3", script)
    done = run_environment(tmp_path, "/usr/bin:/bin")
    assert done.returncode == 2
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"apt-get install python{version}-venv" in done.stderr.splitlines()[0]
    assert "lacks venv" in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_the_lock_names_no_index() -> None:
    for name in ("run", "dev"):
        lock = (CHECKOUT / "requirements" / f"{name}.txt").read_text("utf-8")
        assert "://" not in lock and "--index" not in lock and "--find-links" not in lock
        pins = [line for line in lock.splitlines() if "==" in line and not line.startswith((" ", "#"))]
        assert len(pins) > 20
        assert lock.count("--hash=sha256:") >= len(pins)


@pytest.fixture
def another_database(django_db_setup: None) -> Iterator[places.Place]:
    run = RunDatabases()
    owner = run.owner("another")
    assert databases.prepare(owner, app_password=run.folder.secrets.app_password)
    yield owner
    with databases.connected(owner, database="postgres") as server:
        server.execute(f"DROP DATABASE {owner['dbname']} WITH (FORCE)")


def test_an_empty_database_becomes_a_demo_and_stays_one(another_database: places.Place) -> None:
    assert not databases.is_demo(another_database)
    assert demo.may_become_demo(another_database)
    assert databases.is_demo(another_database)
    with databases.connected(another_database) as connection:
        connection.execute("CREATE TABLE exams_exam AS SELECT 1 AS n")
    assert demo.may_become_demo(another_database)


def test_a_database_with_an_exam_never_becomes_a_demo(another_database: places.Place) -> None:
    with databases.connected(another_database) as connection:
        connection.execute("CREATE TABLE exams_exam AS SELECT 1 AS n")
    assert not demo.may_become_demo(another_database)
    assert not databases.is_demo(another_database)


def test_rows_that_the_owner_may_not_see_count_as_an_exam(another_database: places.Place) -> None:
    with databases.connected(another_database) as connection:
        connection.execute("CREATE ROLE bound LOGIN PASSWORD 'p'")
        try:
            connection.execute("CREATE TABLE exams_exam ()")
            connection.execute("ALTER TABLE exams_exam ENABLE ROW LEVEL SECURITY")
            connection.execute("ALTER TABLE exams_exam FORCE ROW LEVEL SECURITY")
            connection.execute("GRANT CONNECT ON DATABASE {} TO bound".format(another_database["dbname"]))
            connection.execute("GRANT USAGE ON SCHEMA public TO bound")
            connection.execute("GRANT SELECT ON exams_exam TO bound")
            assert databases.holds_an_exam(another_database | {"user": "bound", "password": "p"})
            assert not databases.holds_an_exam(another_database)
        finally:
            connection.execute("DROP OWNED BY bound")
            connection.execute("DROP ROLE bound")


def test_nothing_is_prepared_without_an_administrator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEJU_APP_DATABASE_URL", "postgresql://keju_app:p@192.0.2.1/exams")
    from keju.web.installation.ready import prepare_and_migrate

    assert prepare_and_migrate(DataFolder(tmp_path / "d")) == ""
    assert not places.is_embedded()
    assert os.environ["KEJU_APP_DATABASE_URL"]
