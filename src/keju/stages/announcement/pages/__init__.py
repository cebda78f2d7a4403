"""The announcement on the public site and in the offices; an exam is set up, offices open."""
