"""Who watches a run and is told of it later: W&B, and whatever else shows curves. Nothing here can change a run."""
