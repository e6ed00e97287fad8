"""The names of the trail's background jobs; each has one task."""

from enum import StrEnum


class Job(StrEnum):
    """A job's name is its queue and its task."""

    SEAL = "trail.seal"
    ANCHOR = "trail.anchor"
    # It reads everything, which takes minutes: not by the hand that seals.
    VERIFY = "platform.verify_trail"
