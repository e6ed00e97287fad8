"""The names of the background jobs about keys."""

from enum import StrEnum


class Job(StrEnum):
    """A job's name is its queue and its task."""

    RESEAL = "platform.reseal"
