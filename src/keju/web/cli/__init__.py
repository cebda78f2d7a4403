"""`keju …`: each module here that defines `app` (a `typer.Typer`) is a command of the same name.

The first line of its docstring is its help, 「中文 · English」. A module is imported only when its command is
called, so that `keju --help` stays quick; `demo_reset.py` is `keju demo-reset`.
"""

from __future__ import annotations

import ast
import importlib
import sys
from difflib import get_close_matches
from pathlib import Path


def commands() -> dict[str, str]:
    """Name → help line of every command, found without importing any."""
    found = {}
    for path in sorted(Path(__file__).parent.iterdir()):
        source = path / "__init__.py" if path.is_dir() else path
        if source.suffix != ".py" or path.name.startswith("_") or not source.exists():
            continue
        tree = ast.parse(source.read_text("utf-8"))
        if any(isinstance(node, ast.Assign) and _assigns_app(node) for node in tree.body):
            docstring = ast.get_docstring(tree) or ""
            found[path.stem.replace("_", "-")] = docstring.partition("\n")[0].rstrip(".")
    return found


def main(arguments: list[str] | None = None) -> None:
    """Runs one command. Exit codes: 0 done, 1 the work failed, 2 somebody has to change something first."""
    name, *rest = (sys.argv[1:] if arguments is None else arguments) or ["--help"]
    known = commands()
    if name in ("--help", "-h", "help"):
        _help(known)
        return
    if name not in known:
        near = get_close_matches(name, known)
        hint = f" → keju {near[0]}" if near else " → keju --help"
        print(f"没有命令「{name}」。 There is no command {name!r}.{hint}", file=sys.stderr)
        sys.exit(2)
    from keju.web.installation.sentences import InstallationError  # noqa: PLC0415  --help stays quick

    try:
        importlib.import_module(f"{__name__}.{name.replace('-', '_')}").app(
            args=rest, prog_name=f"keju {name}"
        )
    except InstallationError as error:
        print(f"{error.zh}\n{error.en}", file=sys.stderr)
        sys.exit(error.exit_code)


def _assigns_app(node: ast.Assign) -> bool:
    return any(isinstance(target, ast.Name) and target.id == "app" for target in node.targets)


def _help(known: dict[str, str]) -> None:
    print("keju <命令 command> --help\n")
    for name, line in known.items():
        chinese, _, english = line.partition(" · ")
        print(f"  {name:<14}{chinese}\n{'':16}{english}")
