"""What goes wrong before Keju runs, each as one sentence in both languages.

These are read on a terminal by whoever installs Keju, before any language is chosen, so both are printed.
"""

from __future__ import annotations

import errno
from pathlib import Path


class InstallationError(Exception):
    """Somebody has to do something before Keju can run; `zh` and `en` say what."""

    exit_code = 2

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh = zh
        self.en = en


def foreign_folder(path: Path) -> InstallationError:
    return InstallationError(
        f"文件夹 {path} 里有不属于科举系统的内容，未作任何改动；请用 KEJU_DATA 指定一个空文件夹。",
        f"The folder {path} holds something that is not Keju's, nothing was touched; "
        "name an empty folder by KEJU_DATA.",
    )


def newer_format(path: Path, theirs: object, ours: int) -> InstallationError:
    return InstallationError(
        f"数据文件夹 {path} 的格式为 {theirs}，本版本只认识到 {ours}；请升级程序或另指定 KEJU_DATA。",
        f"The data folder {path} has format {theirs}, this version knows up to {ours}; "
        "use a newer Keju or name another folder by KEJU_DATA.",
    )


def broken_file(path: Path) -> InstallationError:
    return InstallationError(
        f"文件 {path} 已损坏或不完整；请从备份中恢复它。",
        f"The file {path} is damaged or incomplete; restore it from a backup.",
    )


def disk_full(path: Path) -> InstallationError:
    return InstallationError(
        f"{path} 所在磁盘已满，请腾出空间（至少 500 MB）后重试；已有数据没有丢失。",
        f"The disk that holds {path} is full: free some space (500 MB at least) and try again; "
        "nothing that was stored is lost.",
    )


def unwritable(path: Path, error: OSError) -> InstallationError:
    return InstallationError(
        f"无法写入数据文件夹 {path}（{error.strerror}）；请修正权限或用 KEJU_DATA 指定别的文件夹。",
        f"Cannot write to the data folder {path} ({error.strerror}); "
        "mend its permissions or name another by KEJU_DATA.",
    )


def of_os_error(path: Path, error: OSError) -> InstallationError:
    """The sentence for a failed write below `path`."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(path)
    return unwritable(path, error)


def no_server_user(path: Path) -> InstallationError:
    return InstallationError(
        f"PostgreSQL 不能以 root 运行，而用户 nobody 无法到达 {path}；请改用普通用户，"
        "或把数据与程序放到 nobody 可以到达的文件夹（KEJU_DATA），"
        "或用 KEJU_DATABASE_URL 指定已有的 PostgreSQL。",
        f"PostgreSQL refuses to run as root and the user nobody cannot reach {path}: "
        "run Keju as a normal user, or keep it and its data (KEJU_DATA) where nobody can reach them, "
        "or point KEJU_DATABASE_URL to a PostgreSQL of your own.",
    )


def no_binaries() -> InstallationError:
    return InstallationError(
        "此系统没有可用的内置 PostgreSQL；请用 KEJU_DATABASE_URL 指定 PostgreSQL 16 或更高版本。",
        "There is no embedded PostgreSQL for this system; "
        "point KEJU_DATABASE_URL to a PostgreSQL 16 or later.",
    )


def server_failed(log: Path, last: str) -> InstallationError:
    return InstallationError(
        f"内置 PostgreSQL 未能启动：{last}（详见 {log}）。",
        f"The embedded PostgreSQL did not start: {last} (more in {log}).",
    )


def server_too_old(version: int) -> InstallationError:
    return InstallationError(
        f"数据库服务器是 PostgreSQL {version}，需要 16 或更高版本。",
        f"The database server is PostgreSQL {version}; Keju needs 16 or later.",
    )


def server_unreachable(where: str, why: str) -> InstallationError:
    return InstallationError(
        f"无法连接数据库服务器 {where}：{why}。",
        f"Cannot reach the database server {where}: {why}.",
    )


def port_taken(port: int) -> InstallationError:
    return InstallationError(
        f"端口 {port} 已被其他程序占用；请换一个端口，例如 make demo PORT={port + 1}。",
        f"Port {port} is taken by another program; choose another, for example make demo PORT={port + 1}.",
    )


def port_forbidden(port: int) -> InstallationError:
    return InstallationError(
        f"没有权限使用端口 {port}；请换一个 1024 以上的端口，例如 make demo PORT=8000。",
        f"Port {port} is not allowed to this user; choose one above 1024, for example make demo PORT=8000.",
    )


def no_such_address(host: str, error: OSError) -> InstallationError:
    return InstallationError(
        f"无法在地址 {host} 上监听：{error.strerror}。",
        f"Cannot listen on the address {host}: {error.strerror}.",
    )


def not_a_demo(name: str) -> InstallationError:
    return InstallationError(
        f"数据库 {name} 没有演示标记，拒绝清除，未作任何改动。",
        f"The database {name} is not marked as a demo: refused, nothing was touched.",
    )


def already_up(pid: int) -> InstallationError:
    return InstallationError(
        f"科举系统已在此数据文件夹上运行（进程 {pid}）；请先停止它，或用 KEJU_DATA 指定别的文件夹。",
        f"Keju is already running on this data folder (process {pid}); "
        "stop it first or name another folder by KEJU_DATA.",
    )


def not_prepared() -> InstallationError:
    return InstallationError(
        "数据库尚未准备；请先运行 keju db start 与 keju db prepare，或直接运行 keju up。",
        "There is no prepared database yet; run keju db start and keju db prepare first, or simply keju up.",
    )


def no_administrator() -> InstallationError:
    return InstallationError(
        "本机只有应用账号（KEJU_APP_DATABASE_URL），不能建库或迁移；请在持有管理员账号的机器上进行。",
        "This machine holds only the application's credential (KEJU_APP_DATABASE_URL) and can neither "
        "prepare nor migrate; do that where KEJU_DATABASE_URL is set.",
    )


def not_a_url(variable: str) -> InstallationError:
    return InstallationError(
        f"{variable} 不是有效的 PostgreSQL 地址；格式为 postgresql://用户:密码@主机:端口/数据库。",
        f"{variable} is not an address of a PostgreSQL; write postgresql://user:password@host:port/database.",
    )
