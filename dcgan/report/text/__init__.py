"""Texts: the analysis in words, as the documents show it. Nothing here computes a statistic."""
