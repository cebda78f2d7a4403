"""Pages of the registration stage: the candidate's own, and the offices'."""
