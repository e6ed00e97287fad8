"""Whether a record has fields that its mapping does not know, where the mapping takes nothing else."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from fraud.rules.translation.document import MOST_FIELDS
from fraud.rules.translation.faults import Code, Fault, fault
from fraud.rules.translation.paths import Segment

# The names that may stand in a record, each with those below it; nothing below where a value may stand.
Known: TypeAlias = "dict[str, Known]"
# So much of a name from outside is shown.
_LONGEST_NAME = 64


def strangers(sources: Iterable[tuple[Segment, ...]]) -> Callable[[Mapping[str, Any]], list[Fault]]:
    """Give the function that finds what stands in a record and in none of these paths."""
    known: Known = {}
    for segments in sources:
        branch = known
        for segment in segments:
            if isinstance(segment, str):
                branch = branch.setdefault(segment, {})

    def find(record: Mapping[str, Any]) -> list[Fault]:
        found: list[Fault] = []
        _search(record, known, "", found)
        return found[:MOST_FIELDS]

    return find


def _search(value: Any, known: Known, path: str, found: list[Fault]) -> None:
    if not known:
        return
    if type(value) is dict:
        for name, below in value.items():
            here = known.get(name)
            if here is None:
                place = f"{path}.{str(name)[:_LONGEST_NAME]}" if path else str(name)[:_LONGEST_NAME]
                found.append(fault(place, Code.UNKNOWN_FIELD, place))
            elif here:
                _search(below, here, f"{path}.{name}" if path else name, found)
    elif isinstance(value, list | tuple):
        # More items than a list may have are refused elsewhere.
        for index, item in enumerate(value[:10]):
            _search(item, known, f"{path}[{index}]", found)
