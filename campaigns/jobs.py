"""The names of this domain's background jobs; each has one task."""

from enum import StrEnum


class Job(StrEnum):
    """A job's name is its queue and its task."""

    GENERATE_FILE = "campaigns.generate_file"
    FINISH_DELIVERY = "campaigns.finish_delivery"
    READ_RECEIPTS = "campaigns.read_receipts"
    ACTIVATE_DUE = "campaigns.activate_due"
    SWEEP = "campaigns.sweep"
    FORGET_ANSWERS = "campaigns.forget_answers"
