"""Pages of the review stage."""
