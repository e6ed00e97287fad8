"""Handing over what the records of a chunk looked like, so that somebody notices when a sender's layout changes."""

from datetime import datetime

from fraud.models import Submission
from fraud.operations.mappings.drifting import add_drift
from fraud.queries.mappings import version_by_checksum
from fraud.rules.translation import DriftWatch


def hand_over(submission: Submission, watch: DriftWatch, *, now: datetime) -> None:
    """Add the counts of a chunk to those of the version that it was translated by; canonical JSON has none."""
    version = version_by_checksum(submission.institution_id, submission.mapping_checksum)
    if version is not None and watch.seen.records:
        add_drift(version, watch.seen, now=now)
