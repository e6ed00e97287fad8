"""Who acts, as far as the trail needs to know: a kind, an id, and the person answerable for it."""

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    PERSON = "person"
    CLIENT = "client"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Identity:
    """Name an actor; `person` is the public id of the human who answers for the act, empty for the system.

    A client answers through the person who issued its key, so that four eyes are two people however many
    keys one of them holds.
    """

    kind: ActorKind
    id: str
    label: str
    person: str = ""
