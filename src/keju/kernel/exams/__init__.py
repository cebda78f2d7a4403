"""Exams: a programme in a year under the law of a day."""
