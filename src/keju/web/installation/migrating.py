"""Django's commands in processes of their own. Migrations run as the owner, which the running system never is."""

from __future__ import annotations

import os
import subprocess
import sys

from keju.web.installation.places import Place
from keju.web.installation.sentences import InstallationError


class DjangoFailed(InstallationError):
    exit_code = 1


def migrate(owner: Place) -> str:
    """Afterwards the schema of `owner`'s database is that of the code; what Django said is returned."""
    arguments = ["migrate", "--no-input", "--no-color", "--skip-checks"]
    return _django(arguments, KEJU_DB_ROLE="owner", KEJU_DATABASE_URL=url(owner), KEJU_APP_DATABASE_URL="")


def collect_static() -> None:
    """Afterwards the data folder's `static/` has every static file, named by its content and compressed."""
    _django(["collectstatic", "--no-input", "--no-color"], KEJU_STATIC="collected")


def _django(arguments: list[str], **environment: str) -> str:
    settings = os.environ.get("DJANGO_SETTINGS_MODULE", "keju.web.settings")
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "django", *arguments],
        env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": settings},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        said, what = (done.stderr or done.stdout).strip(), arguments[0]
        raise DjangoFailed(f"{said}\n{what} 失败，见上文。", f"{what} failed, see above.")
    return done.stdout


def url(place: Place) -> str:
    """`place` as libpq's own `keyword='value'` string, which every reader of our variables takes."""
    quoted = {name: value.replace("\\", "\\\\").replace("'", "\\'") for name, value in place.items()}
    return " ".join(f"{name}='{value}'" for name, value in quoted.items())
