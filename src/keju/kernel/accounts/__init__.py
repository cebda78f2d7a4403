"""People, candidates, sign-in, roles."""
