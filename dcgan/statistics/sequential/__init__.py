"""Looking at paired runs again and again, at an error rate that holds over all looks. Pure functions.

`markov_chain` is the exact null distribution of successive t statistics, `boundaries` the levels and intervals of each
look, `interim_analysis` what a set of comparisons comes to, look by look.
"""
