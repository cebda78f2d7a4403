"""Who works for the examination: people, posts, recusal, training, rosters (V2, V4, V15.1, P4, P5.2, P8.1)."""
