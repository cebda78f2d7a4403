"""Pages of tickets: offices, candidates, and whoever holds one in their hand."""
