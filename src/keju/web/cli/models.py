"""检查设置与迁移是否齐全 · Checks that settings load and that no model is ahead of its migrations."""

from __future__ import annotations

from typing import Annotated

import typer

from keju.web.cli._common import console, with_django

app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def models(check: Annotated[bool, typer.Option("--check")] = True) -> None:
    """检查设置与迁移是否齐全 · Checks that settings load and that no model is ahead of its migrations."""
    with_django()
    from django.core.management import call_command  # noqa: PLC0415  after Django is set up

    call_command("check", verbosity=0, fail_level="WARNING")
    behind = changes()
    for line in behind:
        console.print(line, markup=False)
    raise typer.Exit(1 if behind else 0)


def changes() -> list[str]:
    """What `makemigrations` would write, one line per operation; looks at no database."""
    from django.apps import apps  # noqa: PLC0415
    from django.db.migrations.autodetector import MigrationAutodetector  # noqa: PLC0415
    from django.db.migrations.loader import MigrationLoader  # noqa: PLC0415
    from django.db.migrations.state import ProjectState  # noqa: PLC0415
    from django.utils import translation  # noqa: PLC0415

    loader = MigrationLoader(None)
    conflicts = [
        f"{app}: two last migrations: {', '.join(names)}" for app, names in loader.detect_conflicts().items()
    ]
    if conflicts:
        return conflicts
    with translation.override(None):  # labels are compared in their source language
        now = ProjectState.from_apps(apps)
        missing = MigrationAutodetector(loader.project_state(), now).changes(graph=loader.graph)
        return [
            f"{label}: no migration for: {operation.describe()}"
            for label, migrations in missing.items()
            for migration in migrations
            for operation in migration.operations
        ]
