"""What the interval of several studies together covers, with standard errors that a few seeds show: docs/several.md.

python benchmarks/pooling.py            # simulates and prints, half a minute
python benchmarks/pooling.py --write    # and writes the page
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np

from dcgan.statistics.meta_analysis import PooledEffect, pool
from dcgan.statistics.paired import t_quantile

PAGE = Path(__file__).parent.parent / "docs" / "several.md"
NOISE = 0.1  # the median standard error of a study's effect, a difference of logarithms
STUDIES, TAUS, SEEDS = (2, 3, 5, 10), (0.0, 0.1, 0.3), (4, 8)
COLUMNS = ("studies", "seeds", "τ", "fixed effect", "Hartung & Knapp", "here", "a further study", "I² above 50 %")


def main(words: list[str] | None = None) -> None:
    """Simulates, prints and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=4000, help="simulated reports a row")
    parser.add_argument("--write", action="store_true", help="write docs/several.md")
    options = parser.parse_args(words)
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "--:|" * len(COLUMNS)]
    for tau in TAUS:
        for studies in STUDIES:
            for seeds in SEEDS:
                shares = simulate(studies, seeds, tau, options.trials)
                cells = ["–" if share is None else f"{share:.3f}".removeprefix("0") for share in shares]  # noqa: RUF001
                lines.append(f"| {studies} | {seeds} | {tau:g} | " + " | ".join(cells) + " |")
                print(lines[-1], flush=True)
    if options.write:
        head, _, rest = PAGE.read_text(encoding="utf-8").partition("| studies |")
        tail = rest[rest.index("\n\n") :]
        PAGE.write_text(head + "\n".join(lines) + tail, encoding="utf-8")


def simulate(studies: int, seeds: int, tau: float, trials: int) -> list[float | None]:
    """How often four intervals hold what they should, and how often I^2 is above a half; None where there is none.

    Studies have paired differences of `seeds` seeds: standard errors with a spread of 30 % between studies, each known
    from `seeds` - 1 degrees of freedom. The true mean is 0.
    """
    random = np.random.default_rng([studies, seeds, int(100 * tau)])
    counts = np.zeros(5)
    for _ in range(trials):
        errors = NOISE * np.exp(random.normal(0.0, 0.3, studies))
        effects = random.normal(0.0, 1.0, studies) * tau + random.normal(0.0, errors)
        seen = errors * np.sqrt(random.chisquare(seeds - 1, studies) / (seeds - 1))
        pooled = pool(effects.tolist(), seen.tolist())
        further = random.normal(0.0, 1.0) * tau
        predicted = pooled.prediction is not None and pooled.prediction[0] <= further <= pooled.prediction[1]
        counts += [_fixed(effects, seen), _plain(pooled, effects), _holds(pooled), predicted, pooled.i2 > 0.5]
    shares: list[float | None] = (counts / trials).tolist()
    if studies < 3:
        shares[3] = None
    return shares


def _holds(pooled: PooledEffect) -> bool:
    return pooled.interval[0] <= 0.0 <= pooled.interval[1]


def _plain(pooled: PooledEffect, effects: np.ndarray) -> bool:
    """Whether the interval of Hartung & Knapp without a floor holds 0; its error is in units of the weights' sum."""
    weights = np.array(pooled.weights)
    se = math.sqrt(float(np.sum(weights * (effects - pooled.effect) ** 2)) / pooled.df)
    return abs(pooled.effect) <= t_quantile(0.05, pooled.df) * se


def _fixed(effects: np.ndarray, errors: np.ndarray) -> bool:
    """Whether the interval of one common effect with the standard errors taken as known holds 0."""
    weights = 1.0 / errors**2
    return abs(float(np.sum(weights * effects))) <= 1.96 * math.sqrt(float(np.sum(weights)))


if __name__ == "__main__":
    main()
