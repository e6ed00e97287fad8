"""Handing over what records looked like, so that somebody notices when a sender's layout changes."""

import time
from collections.abc import Collection, Mapping
from datetime import datetime
from threading import Lock
from typing import Any

from fraud.models import MappingVersion, Submission
from fraud.operations.mappings.drifting import add_drift
from fraud.queries.mappings import LiveMapping, version_by_checksum
from fraud.rules.translation import CompiledMapping, DriftWatch, Fault
from fraud.rules.translation.drift import added

# Records that came alone are counted in memory, and handed over when there are so many, or after so many seconds.
MOST_RECORDS = 500
LONGEST_WAIT = 30.0
# Of more versions at once, the oldest counts are given up.
_MOST_VERSIONS = 200


# Of a file of trees, one record in so many is looked through for what is empty.
_EVERY = 10


def watching(submission: Submission, mapping: CompiledMapping) -> DriftWatch | None:
    """Give what counts the records of a chunk; none for canonical JSON, which has no version to count under."""
    version = version_by_checksum(submission.institution_id, submission.mapping_checksum)
    return DriftWatch(mapping, every=_EVERY) if version else None


def hand_over(submission: Submission, watch: DriftWatch, *, now: datetime) -> None:
    """Add the counts of a chunk to those of the version that it was translated by."""
    version = version_by_checksum(submission.institution_id, submission.mapping_checksum)
    if version is not None and watch.seen.records:
        add_drift(version, watch.seen, now=now)


class _Tally:
    """The counts of one version since they were handed over last."""

    def __init__(self, live: LiveMapping) -> None:
        self.watch = DriftWatch(live.compiled)
        self.begin()

    def begin(self) -> None:
        """Wait anew until it is due."""
        self.most = self.watch.seen.records + MOST_RECORDS
        self.until = time.monotonic() + LONGEST_WAIT

    @property
    def is_due(self) -> bool:
        return self.watch.seen.records >= self.most or time.monotonic() >= self.until


_tallies: dict[int, _Tally] = {}
_lock = Lock()


def count_alone(live: LiveMapping, record: Any, faults: Collection[Fault], *, now: datetime) -> None:
    """Count one record that came alone: in memory, and for one in very many in the database.

    Nothing waits for it: while another process adds to the same day, the counts stay for the next one. What a process
    holds when it ends is lost, which is a few records.
    """
    if live.version_id is None or not isinstance(record, Mapping):
        return
    with _lock:
        tally = _tallies.get(live.version_id) or _begin(live.version_id, live)
        tally.watch.see(record, faults)
        if not tally.is_due:
            return
        del _tallies[live.version_id]
    version = MappingVersion.objects.only("institution_id").get(pk=live.version_id)
    if not add_drift(version, tally.watch.seen, waits=False, now=now):
        _keep(live.version_id, tally)


def _begin(version_id: int, live: LiveMapping) -> _Tally:
    if len(_tallies) >= _MOST_VERSIONS:
        del _tallies[next(iter(_tallies))]
    tally = _tallies[version_id] = _Tally(live)
    return tally


def _keep(version_id: int, tally: _Tally) -> None:
    """Put counts back that could not be handed over, before those that came meanwhile."""
    with _lock:
        later = _tallies.get(version_id)
        if later is not None:
            tally.watch.seen = added(tally.watch.seen, later.watch.seen)
        # Not each of the next records tries again.
        tally.begin()
        _tallies[version_id] = tally
