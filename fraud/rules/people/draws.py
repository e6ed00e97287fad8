"""Random numbers by place: the same seed, purpose and number give the same draw, in any order and on any machine."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
# A table of choices has so many slots: weights are kept to 1 in 65,536.
_SLOTS = 1 << 16
_LOW = np.uint64(_SLOTS - 1)


def draw(seed: int, purpose: int, numbers: Words) -> Words:
    """Give 64 random bits for each number, by SplitMix64 (Steele, Lea, Flood 2014) at the place it names."""
    key = _mix(np.array([(seed * 0x10001 + purpose) % (1 << 64)], dtype=np.uint64))
    return _mix(key + numbers.astype(np.uint64) * _GOLDEN)


def below(bits: Words, bound: int | NDArray[Any]) -> NDArray[np.int64]:
    """Bring 64 random bits to 0 … bound - 1, by their upper half; *bound* is under 2^31."""
    return ((bits >> np.uint64(32)) * np.asarray(bound, dtype=np.uint64) >> np.uint64(32)).astype(np.int64)


def chance(bits: Words, share: float | NDArray[Any]) -> NDArray[np.bool_]:
    """Say for each whether something of this share happens."""
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53 < share


def slots(weights: Sequence[float]) -> NDArray[np.int64]:
    """Lay weights out in a table of 65,536 places, of which `pick` draws one."""
    ends = np.round(np.cumsum(np.asarray(weights, dtype=float)) / sum(weights) * _SLOTS).astype(np.int64)
    return np.repeat(np.arange(len(weights)), np.diff(ends, prepend=0))


def pick(bits: Words, table: NDArray[np.int64]) -> NDArray[np.int64]:
    """Draw from a table of `slots` by the lower 16 bits."""
    return table[(bits & _LOW).astype(np.int64)]


def _mix(state: Words) -> Words:
    with np.errstate(over="ignore"):
        state = (state + _GOLDEN).astype(np.uint64)
        state = (state ^ (state >> np.uint64(30))) * _FIRST
        state = (state ^ (state >> np.uint64(27))) * _SECOND
        return state ^ (state >> np.uint64(31))
