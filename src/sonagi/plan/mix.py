"""Several functions in one scenario, in fixed shares: `exec=Mix({browse: 7, seats: 2, token: 1})`.

Shares are exact, not drawn by lot: of each ten iterations of a user seven browse, spread as evenly as can
be (smooth weighted round robin), and users begin at different places of that order.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import gcd, isfinite, lcm
from typing import Any

# Longer orders could not be told from these in any run.
MOST_TURNS = 10_000


class Mix:
    """Functions (or their names) and their weights, any positive numbers. Mistakes are told when the
    run is planned, with all others."""

    def __init__(self, weights: Mapping[str | Callable[..., Any], float]) -> None:
        self.weights = {
            key if isinstance(key, str) else getattr(key, "__name__", repr(key)): weight
            for key, weight in dict(weights).items()
        }

    def __repr__(self) -> str:
        return f"Mix({self.weights})"

    def wrong(self) -> dict[str, Any]:
        """The weights that are no positive numbers."""
        return {name: weight for name, weight in self.weights.items() if not _is_weight(weight)}


def _is_weight(weight: object) -> bool:
    return (
        isinstance(weight, (int, float)) and not isinstance(weight, bool) and isfinite(weight) and weight > 0
    )


def whole(weights: Sequence[float]) -> list[int]:
    """The same shares as small whole numbers, each at least 1."""
    exact = [Fraction(weight).limit_denominator(1000) or Fraction(1, 1000) for weight in weights]
    scale = lcm(*(weight.denominator for weight in exact))
    counts = [int(weight * scale) for weight in exact]
    common = gcd(*counts)
    counts = [count // common for count in counts]
    if sum(counts) > MOST_TURNS:
        shrink = MOST_TURNS / sum(counts)
        counts = [max(1, round(count * shrink)) for count in counts]
    return counts


def order(weights: Sequence[float]) -> list[int]:
    """The order of turns, as indices into `weights`; it repeats."""
    counts = whole(weights)
    total, credit, turns = sum(counts), [0] * len(counts), []
    for _ in range(total):
        credit = [have + count for have, count in zip(credit, counts, strict=True)]
        best = max(range(len(counts)), key=credit.__getitem__)
        credit[best] -= total
        turns.append(best)
    return turns
