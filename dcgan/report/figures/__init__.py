"""Figures: the analysis of a table of runs as SVG, one function a figure. Nothing here computes a statistic."""
