"""What the domains hang into the frame: entries of the navigation, what waits, and what can be found.

The frame knows no domain. Each registers its own in its AppConfig.ready().
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.accounts.actors import Actor
from portal.accounts.roles import Act

Words = str | Promise
LONGEST_GROUP = 7


class Group(StrEnum):
    """The groups of the navigation, in the order in which they stand."""

    CAMPAIGNS = "campaigns"
    FRAUD = "fraud"
    PLATFORM = "platform"


GROUP_NAMES: dict[Group, Words] = {
    Group.CAMPAIGNS: _("Campaigns"),
    Group.FRAUD: _("Fraud"),
    Group.PLATFORM: _("Platform"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One page in the navigation, for those who may `act`; the lowest `order` stands first."""

    group: Group
    title: Words
    url_name: str
    icon: str
    act: Act
    order: int = 50
    # Names of pages that are reached through this one and lie under other addresses.
    also: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return reverse(self.url_name)

    def holds(self, path: str) -> int:
        """Say how much of an address lies below this entry: its length, and 0 for none of it."""
        urls = [reverse(name) for name in (self.url_name, *self.also)]
        return max((len(url) for url in urls if path.startswith(url)), default=0)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for this person: what it is, more about it, where to act, since when."""

    title: Words
    detail: Words
    url: str
    at: datetime
    icon: str = "inbox"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number on the home page: what it counts, how many, more about it, and the page behind it."""

    title: Words
    number: int
    detail: Words
    url: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that a search found."""

    kind: Words
    title: str
    detail: Words
    url: str


WaitingSource = Callable[[Actor], Sequence[Waiting]]
FigureSource = Callable[[Actor], Sequence[Figure]]
SearchSource = Callable[[Actor, str], Sequence[Hit]]
_entries: dict[str, Entry] = {}
_waiting: list[WaitingSource] = []
_figures: list[FigureSource] = []
_search: list[SearchSource] = []


def register(
    *entries: Entry,
    waiting: WaitingSource | None = None,
    figures: FigureSource | None = None,
    search: SearchSource | None = None,
) -> None:
    """Add entries, and sources of waiting things, of figures for the home page, and of finds.

    What waits is asked for on every page: give few rows, in few queries, whatever lies in the tables.

    :raises ValueError: a group would hold more than seven entries
    """
    for entry in entries:
        _entries[entry.url_name] = entry
        if sum(other.group is entry.group for other in _entries.values()) > LONGEST_GROUP:
            raise ValueError(f"more than {LONGEST_GROUP} entries in {entry.group}")
    if waiting is not None and waiting not in _waiting:
        _waiting.append(waiting)
    if figures is not None and figures not in _figures:
        _figures.append(figures)
    if search is not None and search not in _search:
        _search.append(search)


def entries_for(actor: Actor) -> dict[Group, list[Entry]]:
    """List what this person may open, by group; groups with nothing in them are left out."""
    mine = [entry for entry in _entries.values() if actor.may(entry.act)]
    mine.sort(key=lambda entry: entry.order)
    grouped = {group: [entry for entry in mine if entry.group is group] for group in Group}
    return {group: entries for group, entries in grouped.items() if entries}


def waiting_for(actor: Actor) -> list[Waiting]:
    """List what waits for this person, the longest first."""
    return sorted((item for source in _waiting for item in source(actor)), key=lambda item: item.at)


def figures_for(actor: Actor) -> list[Figure]:
    """List the numbers that this person sees on the home page."""
    return [figure for source in _figures for figure in source(actor)]


def found(actor: Actor, words: str) -> list[Hit]:
    """Ask every source for what this person may see of what was searched for."""
    return [hit for source in _search for hit in source(actor, words)]
