"""Documents of custody as plain data."""
