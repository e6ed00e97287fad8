"""The names of the background jobs of four eyes."""

from enum import StrEnum


class Job(StrEnum):
    """A job's name is its queue and its task."""

    EXPIRE_REQUESTS = "platform.expire_requests"
