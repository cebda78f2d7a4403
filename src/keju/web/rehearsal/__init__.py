"""A whole exam year with generated people, through the same services that pages use, on a shifted clock."""
