"""What a retention policy is, and the list of all: each floor and domain registers its own in AppConfig.ready()."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from django.db.models import QuerySet

from portal.accounts.actors import Actor, OrganizationKind


class Action(StrEnum):
    """What happens to rows whose time has come."""

    DELETE = "delete"
    # Some columns are emptied, the row stays.
    REDACT = "redact"
    # The key of whom it is about is destroyed; what is sealed under it can never be read again.
    SHRED = "shred"


class Remove(Protocol):
    """Deletes or shreds the rows with these keys, within the caller's transaction."""

    def __call__(self, keys: Sequence[Any], *, by: Actor, now: datetime) -> object: ...


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """What goes after how long; `rows` gives all that it is about, `since` the column that its age counts from.

    `title` is a word or two and `what` a sentence, both wrapped in `marked`. `days` may be set between `floor` and
    `ceiling`, in each organization of the kind `per` on its own. `places` tell where a row keeps each kind of
    organization, `within` the array of the ids of all of them, and `subject` the public id of whom it is about: by
    these, a legal hold finds it. `identity` is what certificates name a row by; none for rows whose names are secrets.
    `blank` says what redacted columns become. `delete` is for rows that take rows of other tables with them.
    """

    name: str
    title: str
    what: str
    days: int
    floor: int
    ceiling: int
    action: Action
    rows: Callable[[], "QuerySet[Any]"]
    since: str
    per: OrganizationKind | None = None
    places: Mapping[OrganizationKind, str] = field(default_factory=dict)
    within: str = ""
    subject: str = ""
    identity: str = "pk"
    blank: Mapping[str, Any] = field(default_factory=dict)
    shred: Remove | None = None
    delete: Remove | None = None

    def __post_init__(self) -> None:
        if not self.floor <= self.days <= self.ceiling:
            raise ValueError(f"the policy {self.name} lasts {self.days} days, outside its own bounds")
        if self.per is not None and self.per not in self.places:
            raise ValueError(f"the policy {self.name} does not say where a row keeps its {self.per}")
        needed = {Action.DELETE: True, Action.REDACT: bool(self.blank), Action.SHRED: self.shred is not None}
        if not needed[self.action]:
            raise ValueError(f"the policy {self.name} does not say how to {self.action}")


_policies: dict[str, RetentionPolicy] = {}


def register(*policies: RetentionPolicy) -> None:
    """Put policies on the list.

    :raises ValueError: another one has the name
    """
    for policy in policies:
        if _policies.setdefault(policy.name, policy) != policy:
            raise ValueError(f"there is another policy named {policy.name}")


def policies() -> list[RetentionPolicy]:
    """List every policy, in the order of names."""
    return [_policies[name] for name in sorted(_policies)]


def policy_named(name: str) -> RetentionPolicy:
    """Give the policy of this name.

    :raises KeyError: there is none
    """
    return _policies[name]
