"""Tables of the fraud domain."""

from fraud.models.applications import Application, FraudElement, Screening, Sweep
from fraud.models.cases import Case, CaseNote, Contribution
from fraud.models.disputes import Dispute, Standing
from fraud.models.feeds import CaseFeed, CaseFile
from fraud.models.institutions import Institution
from fraud.models.mappings import GoldenSample, Mapping, MappingDrift, MappingVersion
from fraud.models.registry import (
    RegistryDispute,
    RegistryInquiry,
    RegistryInquiryToken,
    RegistryMember,
    RegistryNotice,
    RegistryRecord,
    RegistryTally,
    RegistryToken,
)
from fraud.models.rulebooks import Backtest, BacktestChange, Rulebook, RulebookVersion, WatchEntry
from fraud.models.submissions import Chunk, ClientLayout, IntakeKey, Submission
from fraud.models.webhooks import WebhookDelivery, WebhookEndpoint

__all__ = [
    "Application",
    "Backtest",
    "BacktestChange",
    "Case",
    "CaseFeed",
    "CaseFile",
    "CaseNote",
    "Chunk",
    "ClientLayout",
    "Contribution",
    "Dispute",
    "FraudElement",
    "GoldenSample",
    "Institution",
    "IntakeKey",
    "Mapping",
    "MappingDrift",
    "MappingVersion",
    "RegistryDispute",
    "RegistryInquiry",
    "RegistryInquiryToken",
    "RegistryMember",
    "RegistryNotice",
    "RegistryRecord",
    "RegistryTally",
    "RegistryToken",
    "Rulebook",
    "RulebookVersion",
    "Screening",
    "Standing",
    "Submission",
    "Sweep",
    "WatchEntry",
    "WebhookDelivery",
    "WebhookEndpoint",
]
