"""A sweep file as objects: factors, design, seeds, stopping, tuning, search. Nothing here trains or writes."""
