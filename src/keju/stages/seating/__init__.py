"""Who sits where: per site a plan, drawn by a seed that is kept, frozen with a hash, never changed but by a new version."""
