"""Qualifications are granted, certificates printed, delivered, collected in person, reissued, and verified by anybody."""
