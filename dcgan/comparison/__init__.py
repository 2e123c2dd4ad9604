"""A table of runs, or a study's folder, to what it says of each arm, tip and effect. Imports nothing that trains."""
