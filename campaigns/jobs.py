"""The names of this domain's background jobs; whoever nudges needs the name alone, never the task."""

from enum import StrEnum


class Job(StrEnum):
    GENERATE_FILE = "campaigns.generate_file"
    FINISH_DELIVERY = "campaigns.finish_delivery"
    ACTIVATE_DUE = "campaigns.activate_due"
    READ_RECEIPTS = "campaigns.read_receipts"
    SWEEP = "campaigns.sweep"
