"""Candidates register: wizard, photo, edits until the close; points prepare the place where they confirm."""
