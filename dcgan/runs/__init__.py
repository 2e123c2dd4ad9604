"""The run directory, which is the truth, and what is done with it."""
