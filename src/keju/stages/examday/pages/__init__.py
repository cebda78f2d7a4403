"""Pages of the exam day."""
