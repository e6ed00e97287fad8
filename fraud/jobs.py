"""The names of this domain's background jobs; each has one task."""

from enum import StrEnum


class Job(StrEnum):
    """A job's name is its queue and its task."""

    FINISH_APPLICATION = "fraud.finish_application"
    FINISH_LEFT = "fraud.finish_left"
    ASK_AGAIN = "fraud.ask_again"
