"""The names of this domain's background jobs; each has one task."""

from enum import StrEnum


class Job(StrEnum):
    """A job's name is its queue and its task."""
