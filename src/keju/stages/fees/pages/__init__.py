"""Pages of the fees stage."""
