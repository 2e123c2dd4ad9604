"""Arrays to numbers: paired tests, power, contrasts, effects, verdicts, sequential looks. Pure functions."""
