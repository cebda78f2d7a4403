"""What people of custody type."""
