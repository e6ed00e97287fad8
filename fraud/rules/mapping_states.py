"""The life of a version of a mapping: written, asked for, published, and never changed after."""

from enum import StrEnum


class VersionState(StrEnum):
    DRAFT = "draft"
    # Somebody asked a second person to publish it.
    WAITING = "waiting"
    PUBLISHED = "published"
    DISCARDED = "discarded"


# What can still become something else; a mapping has one such version at most.
OPEN = frozenset({VersionState.DRAFT, VersionState.WAITING})
