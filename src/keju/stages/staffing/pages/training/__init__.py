"""Pages of training: one's own checks, courses, who lacks what, handbooks, questions."""
