"""What this stage prints, as plain data."""
