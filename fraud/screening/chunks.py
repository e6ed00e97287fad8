"""Working on the chunks of submissions: raw records are translated and stored, then screened; bad rows go back."""

import hmac
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from fraud.models import Submission
from fraud.operations.submissions.chunks import (
    ChunkClaim,
    holding,
    put_off_chunk,
    settle_screened,
    settle_stored,
)
from fraud.operations.submissions.objects import Aside, Cabinet, Stored
from fraud.operations.submissions.objects import Taken as Lying
from fraud.queries.applicants import StoredApplication, stored_applications
from fraud.queries.applications import Screened, first_screenings
from fraud.rules.sources import Head, Raw, RowFault, SourceLayout, annotated, values_of
from fraud.rules.sources.layouts import layout_of
from fraud.rules.sources.writing import REJECT_COLUMNS, RESULT_COLUMNS
from fraud.rules.submissions import ChunkState
from fraud.rules.translation import CompiledMapping, DriftWatch, compile_mapping
from fraud.rules.translation.document import from_builtins
from fraud.screening.drifting import hand_over, watching
from fraud.screening.intake import Incoming, reopen, take
from fraud.screening.pipeline import screen
from portal.accounts.actors import Actor
from portal.core.phrases import Phrase
from portal.core.storage_errors import StorageError

Clock = Callable[[], datetime]
_ROW_FAULTS = {
    "row-too-long": Phrase("The row is longer than any application; its beginning is kept here."),
    "nul-character": Phrase("The row has a NUL character."),
    "encoding-wrong": Phrase("The row has bytes that are no characters in the encoding of the file."),
}
_CONFLICT = Phrase("An application with this reference is on record with other facts.")
_ERASED = Phrase("An application with this reference was on record, and has been erased.")


def work_on_chunk(claim: ChunkClaim, *, by: Actor, clock: Clock) -> bool:
    """Do the next stage of a claimed chunk; true if it was the last chunk of that stage.

    Done twice, or by two workers, it stores nothing twice and gives the same parts of the result.

    :raises ChunkTakenError: another worker took over, or the submission was stopped
    :raises StorageError: the store refuses or fails; the chunk waits for another try
    """
    desk = _Desk.of(claim)
    try:
        with holding(claim, clock=clock):
            if claim.chunk.state == ChunkState.STORING:
                return _store(desk, by=by, clock=clock)
            return _screen(desk, by=by, clock=clock)
    except StorageError as error:
        put_off_chunk(claim, error.detail, now=clock())
        raise


@dataclass(frozen=True, slots=True)
class _Desk:
    """What is needed to work on a chunk, and its raw records."""

    claim: ChunkClaim
    cabinet: Cabinet
    layout: SourceLayout
    head: Head
    records: list[Raw] = field(repr=False)

    @classmethod
    def of(cls, claim: ChunkClaim) -> "_Desk":
        submission, cabinet = claim.submission, Cabinet.of(claim.submission)
        head = msgspec.convert(submission.head, Head)
        records = cabinet.records(claim.chunk.number)
        return cls(claim, cabinet, layout_of(submission.mapping), head, records)

    @property
    def number(self) -> int:
        return self.claim.chunk.number

    @property
    def submission(self) -> Submission:
        return self.claim.submission

    def written(self, raw: Raw, columns: Sequence[str], cells: Sequence[str | int]) -> bytes:
        return annotated(raw.words, self.layout, self.head, dict(zip(columns, cells, strict=True)))


def _store(desk: _Desk, *, by: Actor, clock: Clock) -> bool:
    """Stage one: translate each record, store what can be stored, and put aside what cannot."""
    aside: list[Aside] = []
    incoming: list[tuple[int, Incoming]] = []
    read = values_of(desk.layout, desk.head.columns)
    mapping = _compiled(desk.submission)
    watch = watching(desk.submission, mapping)
    for index, raw in enumerate(desk.records):
        application, faults = _translated(raw, read, mapping, watch)
        if application is None:
            aside.append(Aside(index, [(each.field, each.code, str(each.words)) for each in faults]))
        else:
            incoming.append((index, Incoming(application, desk.claim.chunk.first_row + index)))
    stored = Stored(_taken(desk, incoming, by=by, now=clock()), aside)
    desk.cabinet.put_stored(desk.number, stored)
    if watch is not None:
        hand_over(desk.submission, watch, now=clock())
    return settle_stored(desk.claim, faults=_counted(aside), rejected=len(aside), now=clock())


def _taken(desk: _Desk, incoming: Sequence[tuple[int, Incoming]], *, by: Actor, now: datetime) -> list[Lying]:
    submission = desk.submission
    taken = take(
        submission.institution,
        [each for _index, each in incoming],
        submission=submission,
        arrived_at=submission.arrived_at or now,
        by=by,
        now=now,
    )
    return [Lying(index, each.id, each.digest) for (index, _given), each in zip(incoming, taken, strict=True)]


def _counted(aside: Sequence[Aside]) -> Counter[str]:
    return Counter(f"{code} {field}" for each in aside for field, code, _words in each.faults)


def _translated(
    raw: Raw,
    read: Callable[[str], Mapping[str, Any] | RowFault],
    mapping: CompiledMapping,
    watch: DriftWatch | None,
) -> tuple[Any, Sequence[RowFault]]:
    if raw.fault:
        return None, [RowFault("", raw.fault, _ROW_FAULTS[raw.fault])]
    values = read(raw.words)
    if isinstance(values, RowFault):
        return None, [values]
    done = mapping.translate(values)
    if watch is not None:
        watch.see(values, done.faults)
    faults = [RowFault(each.source or each.field, each.code, each.words) for each in done.faults]
    return done.application if not faults else None, faults


def _reject(desk: _Desk, aside: Aside) -> bytes:
    """Write one row of the reject file: all its faults, the first one's field and code before the others'."""
    raw = desk.records[aside.index]
    cells: list[str | int] = [raw.line, *(" ".join(each) for each in zip(*aside.faults, strict=True))]
    return desk.written(raw, REJECT_COLUMNS, cells)


def _screen(desk: _Desk, *, by: Actor, clock: Clock) -> bool:
    """Stage two: screen what is stored, and write each row's answer beside it, or why it has none."""
    stored = desk.cabinet.stored(desk.number)
    rows = stored_applications({each.application_id for each in stored.taken})
    erased = first_screenings([row.pk for row in rows.values() if row.sealed is None])
    late = [Aside(each.index, [fault]) for each in stored.taken if (fault := _misfit(each, rows, erased))]
    left = {each.index for each in late}
    lying = [each for each in stored.taken if each.index not in left]
    there = sorted({each.application_id for each in lying} - erased.keys())
    screened = erased | _screened(desk, [rows[each] for each in there], by, clock)
    aside = sorted([*stored.aside, *late], key=lambda each: each.index)
    desk.cabinet.put(f"rejects-{desk.number:06d}", b"".join(_reject(desk, each) for each in aside))
    part = b"".join(
        _result(
            desk, desk.records[each.index], rows[each.application_id].public_id, screened[each.application_id]
        )
        for each in lying
    )
    desk.cabinet.put(f"result-{desk.number:06d}", part)
    found = [screened[each.application_id] for each in lying]
    outcomes = Counter(str(each.outcome) for each in found)
    outcomes["degraded"] = sum(each.is_degraded for each in found)
    return settle_screened(
        desk.claim, outcomes=outcomes, faults=_counted(aside), rejected=len(aside), now=clock()
    )


def _misfit(
    lying: Lying, rows: Mapping[int, StoredApplication], erased: Mapping[int, Screened]
) -> tuple[str, str, str] | None:
    """Say why a row has no answer though its reference is on record; now that the whole file is stored.

    The application is the first row with the reference, whatever order the chunks were stored in.
    """
    row = rows[lying.application_id]
    if not hmac.compare_digest(row.facts_digest, lying.digest):
        return "reference", "reference-conflict", str(_CONFLICT)
    is_lost = row.sealed is None and row.pk not in erased
    return ("reference", "application-erased", str(_ERASED)) if is_lost else None


def _screened(desk: _Desk, rows: Sequence[StoredApplication], by: Actor, clock: Clock) -> dict[int, Screened]:
    institution = desk.submission.institution
    done = screen(institution, reopen(institution, rows), by=by, clock=clock)
    return {each.application_id: each for each in done}


def _result(desk: _Desk, raw: Raw, public_id: str, screened: Screened) -> bytes:
    cells = (
        public_id,
        str(screened.outcome),
        screened.score,
        " ".join(screened.reasons),
        screened.public_id,
    )
    return desk.written(raw, RESULT_COLUMNS, cells)


def _compiled(submission: Submission) -> CompiledMapping:
    return _compiled_once(submission.mapping_checksum, msgspec.json.encode(submission.mapping))


@lru_cache(maxsize=64)
def _compiled_once(_checksum: str, document: bytes) -> CompiledMapping:
    return compile_mapping(from_builtins(msgspec.json.decode(document)))
