"""Tables of the campaigns domain."""

from campaigns.models.batches import Batch, BatchFile, VoidRange
from campaigns.models.campaigns import Campaign
from campaigns.models.members import LedgerEntry, Member, Redemption
from campaigns.models.parties import Brand, Market, Printer

__all__ = [
    "Batch",
    "BatchFile",
    "Brand",
    "Campaign",
    "LedgerEntry",
    "Market",
    "Member",
    "Printer",
    "Redemption",
    "VoidRange",
]
