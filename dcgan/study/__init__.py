"""Studies: sweeps worked out into trials, how these stand, the stages of a sweep, how long they take."""
