"""People and photos that do not exist, for rehearsals and tests."""
