"""Golden samples: a record and what it must become, as JSON; whether a document still gives the same."""

from typing import Any

import msgspec
from msgspec import Struct

from fraud.rules import canonical
from fraud.rules.translation import document as d
from fraud.rules.translation.compiling import compile_mapping
from fraud.rules.translation.faults import Fault
from fraud.rules.translation.outbound import compile_outbound

_encoder = msgspec.json.Encoder(order="deterministic")


class Outcome(Struct, frozen=True):
    """What a document makes of a record: JSON in bytes, or faults."""

    made: bytes | None
    faults: tuple[Fault, ...] = ()


def outcome(document: d.MappingDocument, record: Any) -> Outcome:
    """Translate one record, of an institution's layout or (outbound) of canonical JSON, and give it as JSON.

    :raises fraud.rules.translation.MappingError: the document has problems
    :raises msgspec.ValidationError: the record of an outbound document is no canonical application
    """
    if document.direction is d.Direction.INBOUND:
        translated = compile_mapping(document).translate(record)
        application = translated.application
        return Outcome(canonical.to_json(application) if application else None, translated.faults)
    written = compile_outbound(document).write(canonical.from_builtins(record))
    return Outcome(None if written.record is None else _encoder.encode(written.record), written.faults)


def record_json(record: Any) -> bytes:
    """Write a record for keeping: the same record gives the same bytes."""
    return _encoder.encode(record)


def record_of(kept: bytes) -> Any:
    """Read what `record_json` wrote."""
    return msgspec.json.decode(kept)
