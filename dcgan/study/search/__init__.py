"""Search: combinations of levels that an Optuna sampler chooses, then a comparison of the best with the baseline.

Two studies. `NAME-search` grows: its arms are the combinations asked so far, on seeds of its own, judged against the
training split. `NAME` is an ordinary study of the best of them on the seeds and the split that are reported, which
chose nothing.
"""
