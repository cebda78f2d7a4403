"""Every stage's records of an exam are sealed into one bag with checksums, catalogue and proof, and checked again."""
