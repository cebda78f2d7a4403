"""From the files of a programme to the frozen model, collecting every problem on the way."""
