"""Django's migrations, run by the owner in a process of its own; the running system never is the owner."""

from __future__ import annotations

import os
import subprocess
import sys

from keju.web.installation.places import Place
from keju.web.installation.sentences import InstallationError


class MigrationFailed(InstallationError):
    exit_code = 1


def migrate(owner: Place) -> str:
    """Afterwards the schema of `owner`'s database is that of the code; what Django said is returned."""
    return manage(["migrate", "--no-input", "--no-color", "--skip-checks"], owner)


def manage(arguments: list[str], owner: Place) -> str:
    """Runs a Django command as the owner."""
    environment = {**os.environ, "KEJU_DB_ROLE": "owner", "KEJU_DATABASE_URL": url(owner)}
    environment.pop("KEJU_APP_DATABASE_URL", None)
    environment.setdefault("DJANGO_SETTINGS_MODULE", "keju.web.settings")
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "django", *arguments],
        env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        raise MigrationFailed(f"数据库迁移失败：\n{said}", "The migration of the database failed, see above.")
    return done.stdout


def url(place: Place) -> str:
    """`place` as libpq's own `keyword='value'` string, which every reader of our variables takes."""
    quoted = {name: value.replace("\\", "\\\\").replace("'", "\\'") for name, value in place.items()}
    return " ".join(f"{name}='{value}'" for name, value in quoted.items())
