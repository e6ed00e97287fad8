"""Given and family names of people in Canada, by community; few names carry most people, and many carry one each."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fraud.rules.elements.names import fold
from fraud.rules.people import draws, name_lists

# How steeply names fall off by rank (Zipf–Mandelbrot): the first of English surnames carries about one person of 90.
_SHIFT = 12.0
# How many people have a name that is composed, as rare names are, and in no list.
_RARE_SHARE = 0.4


class Names(NamedTuple):
    """Names of one kind: as written, as they are in e-mail addresses, and how often each is drawn."""

    written: NDArray[Any]
    plain: NDArray[Any]
    table: NDArray[np.int64]

    def of(self, bits: draws.Words) -> NDArray[np.int64]:
        """Draw places in this list."""
        return draws.pick(bits, self.table)


class Community(NamedTuple):
    """Names of people who came from one part of the world."""

    families: Names
    women: Names
    men: Names


@cache
def communities() -> tuple[Community, ...]:
    """Give the communities in the order of `name_lists.COMMUNITIES`."""
    return tuple(
        Community(
            families=_names(lists.families.split(), _composed(lists)),
            women=_names(lists.women.split(), ()),
            men=_names(lists.men.split(), ()),
        )
        for lists in name_lists.COMMUNITIES
    )


def _composed(lists: name_lists.Lists) -> list[str]:
    heads, tails = lists.heads.split(), lists.tails.split()
    return sorted({(head + tail).capitalize() for head in heads for tail in tails})


def _names(common: Sequence[str], rare: Sequence[str]) -> Names:
    # A space within a name is written as an underscore in the lists.
    written = [name.replace("_", " ") for name in (*common, *rare)]
    weights = np.array([1.0 / (rank + _SHIFT) for rank in range(len(common))] + [0.0] * len(rare))
    if rare:
        weights *= (1 - _RARE_SHARE) / weights.sum()
        weights[len(common) :] = _RARE_SHARE / len(rare)
    plain = ["".join(filter(str.isalpha, fold(name))) for name in written]
    return Names(
        np.array(written, dtype=object), np.array(plain, dtype=object), draws.slots(weights.tolist())
    )
