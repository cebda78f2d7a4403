"""The day itself: per room and session who was there, who was not, what went wrong."""
