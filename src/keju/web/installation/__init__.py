"""One installation: its data folder, its keys, its database server, its processes."""

from keju.web.installation.folder import DataFolder
from keju.web.installation.places import database_settings
from keju.web.installation.sentences import InstallationError

__all__ = ["DataFolder", "InstallationError", "database_settings"]
