"""Papers from the printer to the shredder. So far: how many are needed where (V9.1)."""
