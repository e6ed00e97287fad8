"""The names of the background jobs of security; each has one task."""

from enum import StrEnum


class Job(StrEnum):
    """A job's name is its queue and its task."""

    STREAM = "trail.stream"
    WATCH = "trail.watch"
