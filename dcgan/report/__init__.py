"""Reports: a table of runs -> statistics -> figures -> documents. Imports nothing that trains."""

from dcgan.comparison.from_study import from_study
from dcgan.comparison.from_table import from_csv
from dcgan.comparison.results import Results
from dcgan.report.writing import write, write_several

__all__ = ["Results", "from_csv", "from_study", "write", "write_several"]
