"""The run directory, which is the truth, and its mirrors: the progress bar and W&B."""
