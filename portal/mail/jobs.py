"""The names of the background jobs of mail."""

from enum import StrEnum


class Job(StrEnum):
    """A job's name is its queue and its task."""

    SEND_MAIL = "platform.send_mail"
