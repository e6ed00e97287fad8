"""Arrays that are packed whole arrive as those that psycopg writes value by value."""

import struct

import pytest

from portal.core.arrays import blobs, integers, texts
from portal.core.db import prepared

ANYTHING = ["plain", "", 'a "quote"', "back\\slash", "{braces}", "comma, blank", "NULL", "é and 漢", None]


def arrived(array, kind: str) -> list[object]:
    ((found,),) = prepared(f"SELECT %(array)s::{kind}[]", {"array": array})
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("values", [ANYTHING, ["one"], []])
def test_texts_arrive_as_they_are(values):
    assert arrived(texts(values), "text") == values


@pytest.mark.django_db
@pytest.mark.parametrize("values", [[0, -1, 2**63 - 1, -(2**63), None], [7], []])
def test_whole_numbers_arrive_as_they_are(values):
    assert arrived(integers(values), "bigint") == values


@pytest.mark.django_db
@pytest.mark.parametrize("values", [[b"", b"\x00\xff", bytes(range(256))], [b"one"], []])
def test_bytes_arrive_as_they_are(values):
    assert arrived(blobs(values), "bytea") == values


@pytest.mark.django_db
def test_rows_come_out_in_the_order_they_were_packed_in():
    rows = prepared(
        "SELECT number, word FROM unnest(%(numbers)s::bigint[], %(words)s::text[]) AS given(number, word)",
        {"numbers": integers(range(1000)), "words": texts(f"word {number}" for number in range(1000))},
    )

    assert rows == [(number, f"word {number}") for number in range(1000)]


def test_a_number_of_more_than_64_bits_is_refused():
    with pytest.raises(struct.error):
        integers([2**63])
