"""A season of the papers with planted faults: which (`faults`), in what nation (`nation`), how it runs (`course`, `planting`),
and whether what was raised is what was planted (`judging`)."""
