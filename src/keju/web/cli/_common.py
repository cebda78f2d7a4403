"""What the commands share."""

from rich.console import Console

from keju.web.installation.ready import prepare_and_migrate, running_database, running_server, with_django

console = Console()

__all__ = ["console", "prepare_and_migrate", "running_database", "running_server", "with_django"]
