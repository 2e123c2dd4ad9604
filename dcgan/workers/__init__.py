"""Who trains: the worker process, how it joins a study, its threads and disk, and the launchers that start it."""
