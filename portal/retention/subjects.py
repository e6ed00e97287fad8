"""Whom data is held about: each floor or domain tells how to find, hand out and erase its own kind of person."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.utils.functional import Promise

from portal.accounts.actors import Actor, OrganizationKind, Place
from portal.accounts.models import Organization


@dataclass(frozen=True, slots=True)
class Subject:
    """One person about whom something is held; `kind` names the SubjectKind, `place` where they belong.

    `organizations` are those of people who belong to no one place: a hold on any of them keeps the person as well.
    """

    public_id: str
    kind: str
    place: Place = field(default_factory=dict)
    is_erased: bool = False
    organizations: frozenset[int] = frozenset()


class Erase(Protocol):
    """Erases what is held about a person, within the caller's transaction: keys destroyed, columns emptied."""

    def __call__(self, subject: Subject, *, by: Actor, now: datetime) -> object: ...


@dataclass(frozen=True, slots=True)
class SubjectKind:
    """One kind of person: consumers in a market's programme, people who sign in.

    `find` takes what the person is known by (never kept) and the organization of the kind `per`, if any; `get` takes
    a public id, which begins with `prefix`. `export` gives all that is held, as JSON has it.
    """

    name: str
    title: str | Promise
    prefix: str
    known_by: str | Promise
    find: Callable[[str, Organization | None], Subject | None]
    get: Callable[[str], Subject | None]
    export: Callable[[Subject], dict[str, Any]]
    erase: Erase
    per: OrganizationKind | None = None


_kinds: dict[str, SubjectKind] = {}


def register(kind: SubjectKind) -> None:
    """Make a kind of person known.

    :raises ValueError: there is another of this name
    """
    if _kinds.setdefault(kind.name, kind) != kind:
        raise ValueError(f"there is another kind of person named {kind.name}")


def subject_kinds() -> list[SubjectKind]:
    """List every kind, in the order of names."""
    return [_kinds[name] for name in sorted(_kinds)]


def kind_of(subject: Subject) -> SubjectKind:
    """Give the kind of a person that was found."""
    return _kinds[subject.kind]


def subject_with(public_id: str) -> Subject | None:
    """Find a person by public id, of whichever kind."""
    prefix = public_id.partition("_")[0]
    kind = next((kind for kind in _kinds.values() if kind.prefix == prefix), None)
    return kind.get(public_id) if kind else None
