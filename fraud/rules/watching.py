"""Watch lists: what an institution notes of its own, by token, so that screening sees it come again."""

from enum import StrEnum


class WatchList(StrEnum):
    """What being on a list means; a rulebook weighs each by itself."""

    KNOWN_FRAUD = "known-fraud"
    SUSPECT = "suspect"
    # Known to be good: staff accounts, a shelter's address, a university's telephone.
    TRUSTED = "trusted"


class WatchReason(StrEnum):
    """Why something was put on a list, from a closed list: free text would come to hold what must not be kept."""

    CONFIRMED_FRAUD = "confirmed-fraud"
    CHARGE_BACK = "charge-back"
    POLICE_REPORT = "police-report"
    CUSTOMER_REPORT = "customer-report"
    PATTERN = "pattern"
    SHARED_PLACE = "shared-place"
    KNOWN_CUSTOMER = "known-customer"
    OTHER = "other"
