"""Studies: sweeps worked out into trials, the queue they wait in, the workers that train them."""
