"""The site itself: home, sign-in, the workplace's door, the rulebook for readers, the audit log on screen."""
