"""Property tests run as long as they need: a busy machine is not a failure."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
