"""The exam is announced: drafted by the office, decided by the committee, published; regions publish their own part."""
