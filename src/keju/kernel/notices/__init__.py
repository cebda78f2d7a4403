"""Notices between offices with a receipt each, and messages to candidates."""
