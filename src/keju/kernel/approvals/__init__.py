"""What needs more than one person: a proposal bound to what was seen, signed by distinct people, used once."""
