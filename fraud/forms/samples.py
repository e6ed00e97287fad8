"""A sample of records as somebody pasted or uploaded it: cut into records under a layout, and never kept as it is."""

from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from fraud.rules.sources import RowFault, Source, SourceError, values_of
from fraud.rules.sources.layouts import Encoding, described
from fraud.rules.translation import Kind, Layout
from fraud.rules.translation.paths import parsed, reader
from fraud.rules.translation.validation import column_names
from portal.core.phrases import Phrase

# Bytes; what is shown side by side are its first records.
LONGEST_SAMPLE = 100_000
MOST_RECORDS = 10


class Sample(NamedTuple):
    """The first records of a sample, each as a reader gives it or the words of what is wrong with it."""

    records: tuple[Any, ...] = ()
    # Of a flat layout, in their order; else the paths that the first records have.
    columns: tuple[str, ...] = ()
    problem: str = ""


def sample_of(text: str, layout: Layout) -> Sample:
    """Cut a sample into its records; what keeps it from being read is said in words."""
    if not text.strip():
        return Sample()
    try:
        records, header = _listed(text, layout) if layout.kind is Kind.JSON else _cut(text, layout)
    except SourceError as error:
        return Sample(problem=error.args[0])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return Sample(problem=Phrase("This is no JSON."))
    return Sample(records, header or _paths(records))


def _cut(text: str, layout: Layout) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    layout_read = replace(described(layout), encoding=Encoding.AUTO)
    source = Source([text.encode("utf-8", "replace")], layout_read, is_part=True)
    raws = [raw for raw, _place in zip(source, range(MOST_RECORDS), strict=False)]
    read = values_of(layout_read, source.head.columns)
    found = [Phrase("This record is too long or damaged.") if raw.fault else read(raw.words) for raw in raws]
    records = tuple(each.words if isinstance(each, RowFault) else each for each in found)
    return records, tuple(source.head.columns) or column_names(layout)


def _listed(text: str, layout: Layout) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    document = msgspec.json.decode(text)
    if layout.records:
        document = reader(parsed(layout.records), 0)((document,))
    records = document if isinstance(document, list) else [document]
    return tuple(records[:MOST_RECORDS]), ()


def _paths(records: tuple[Any, ...]) -> tuple[str, ...]:
    """List the paths that records have, in the order in which they come; lists by number, up to their second item."""
    found: dict[str, None] = {}
    for record in records:
        if isinstance(record, dict):
            found.update(dict.fromkeys(path for path, _value in flat(record)))
    return tuple(found)[:400]


def flat(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """Lay a record out as paths and values."""
    if isinstance(value, dict):
        return [
            pair
            for name, below in value.items()
            for pair in flat(below, f"{path}.{name}" if path else str(name))
        ]
    if isinstance(value, list | tuple):
        return [pair for place, below in enumerate(value[:6]) for pair in flat(below, f"{path}[{place}]")]
    return [(path, value)]


def decoded(given: bytes) -> str:
    """Read an uploaded sample as text: by its byte order mark, as UTF-8, or else as Windows wrote it."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig")):
        if given.startswith(mark):
            try:
                return given.decode(encoding)
            except UnicodeError:
                continue
    return given.decode("cp1252", "replace")
