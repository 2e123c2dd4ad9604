"""Tables and studies of known numbers, for all tests of comparisons."""

from tests.known_studies import csv_file, study, three_arms
from tests.report.conftest import mixed

__all__ = ["csv_file", "mixed", "study", "three_arms"]
