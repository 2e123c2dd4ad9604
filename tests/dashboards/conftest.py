"""Studies of known numbers, for all tests of dashboards."""

from tests.known_studies import csv_file, study, three_arms

__all__ = ["csv_file", "study", "three_arms"]
