"""Arrays for `unnest`, packed as PostgreSQL sends them: a column of a thousand values costs one call, not a thousand.

psycopg writes a list value by value and looks through each for what has to be escaped.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from struct import Struct

import psycopg
from psycopg.adapt import Dumper
from psycopg.postgres import types
from psycopg.pq import Format

# Dimensions, whether there are nulls, the type of the elements; their number and the index of the first.
_HEAD = Struct(">iiIii")
_LENGTH = Struct(">i")
_INTEGER = Struct(">iq")
_NULL = _LENGTH.pack(-1)
_TEXT, _BYTES, _BIGINT = types["text"].oid, types["bytea"].oid, types["int8"].oid


@dataclass(frozen=True, slots=True)
class PackedArray:
    """An array of one dimension in PostgreSQL's binary format; its statement says the type of its parameter."""

    content: bytes = field(repr=False)


def texts(values: Iterable[str | None]) -> PackedArray:
    """Pack a `text[]`."""
    return _packed(_TEXT, [_NULL if value is None else _sized(value.encode()) for value in values])


def blobs(values: Iterable[bytes]) -> PackedArray:
    """Pack a `bytea[]`."""
    return _packed(_BYTES, [_sized(value) for value in values])


def integers(values: Iterable[int | None]) -> PackedArray:
    """Pack a `bigint[]`.

    :raises struct.error: one has more than 64 bits
    """
    pack = _INTEGER.pack
    return _packed(_BIGINT, [_NULL if value is None else pack(8, value) for value in values])


def _sized(value: bytes) -> bytes:
    return _LENGTH.pack(len(value)) + value


def _packed(element: int, items: list[bytes]) -> PackedArray:
    if not items:
        return PackedArray(_HEAD.pack(0, 0, element, 0, 0)[:12])
    return PackedArray(_HEAD.pack(1, 1, element, len(items), 1) + b"".join(items))


class _PackedArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: PackedArray) -> bytes:
        return obj.content


psycopg.adapters.register_dumper(PackedArray, _PackedArrayDumper)
