"""The names of the background jobs of retention."""

from enum import StrEnum


class Job(StrEnum):
    """A job's name is its queue and its task."""

    RETAIN = "platform.retain"
