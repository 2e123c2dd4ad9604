"""What cannot be tuned is refused in one line."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.common.errors import Misuse
from dcgan.sweeps import sweep

G, D = "optimizer.generator.lr", "optimizer.discriminator.lr"


@pytest.mark.parametrize(
    ("tune", "message"),
    [
        ([G], r"tune: expected \{paths: "),
        ({"trials": 4}, r"tune.paths: expected a list of settings"),
        ({"paths": []}, r"tune.paths: expected a list of settings"),
        ({"paths": [G], "trial": 4}, r"tune: unknown key 'trial'; did you mean 'trials'\?"),
        ({"paths": [{"path": G, "ranges": [1, 2]}]}, r"tune.paths: unknown key 'ranges'; did you mean 'range'\?"),
        ({"paths": ["optimizer.generator.lrr"]}, r"no experiment key '.*lrr'; did you mean 'optimizer.generator.lr'\?"),
        ({"paths": [G, G]}, rf"tune.paths: {G} is given twice"),
        ({"paths": [3]}, r"tune.paths: 3 is neither a setting nor"),
        ({"paths": ["update.leak"]}, r"tune.paths: update.leak is not a real number"),
        ({"paths": ["update.batch"]}, r"tune.paths: update.batch is not a real number"),
        ({"paths": ["optimizer.generator.kind"]}, r"is not a real number"),
        ({"paths": [G], "trials": 1}, r"tune.trials=1: expected a number of candidates, 2 to 200"),
        ({"paths": [G], "trials": True}, r"tune.trials=True"),
        ({"paths": [G], "seeds": 0}, r"tune.seeds=0: expected a number of seeds, 1 to 200"),
        ({"paths": [G], "factor": 1}, r"tune.factor=1: expected a number above 1"),
        ({"paths": [{"path": G, "range": [1e-3, 1e-5]}]}, r"range=\[0.001, 1e-05\]: expected \[LOW, HIGH\]"),
        ({"paths": [{"path": G, "range": [0, 1e-5]}]}, r"expected \[LOW, HIGH\] with 0 < LOW < HIGH"),
        ({"paths": [{"path": G, "range": 3}]}, r"expected \[LOW, HIGH\]"),
    ],
)
def test_what_cannot_be_tuned_is_refused_in_a_line(write_sweep: Any, tune: Any, message: str) -> None:
    with pytest.raises(Misuse, match=message) as refusal:
        sweep.load(write_sweep(tune=tune))
    assert "\n" not in str(refusal.value)
