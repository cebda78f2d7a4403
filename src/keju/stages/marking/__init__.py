"""Cards are printed, read, decided where in doubt, scored by a confirmed key, and frozen."""
