"""Serials to codes and back: one campaign's cipher and format together, in arrays and one by one."""

import hashlib
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from campaigns.rules.check_character import check_digit, weights
from campaigns.rules.formats import CodeFormat
from portal.crypto.ff1_arrays import BLOCK, FF1Array

U8 = NDArray[np.uint8]
U64 = NDArray[np.uint64]

# Groups of digits are looked up in tables of at most so many entries, which stay in the second-level cache.
_MOST_ENTRIES = 50_000
# Four characters of a group stand in the low bytes of a table's entry.
_MOST_GROUP = 4
_WORD = 8


def tweak_of(campaign_id: str) -> bytes:
    """Give the tweak of a campaign's cipher: the first 8 bytes of SHA-256 of its public id."""
    return hashlib.sha256(campaign_id.encode()).digest()[:8]


class CodeBook:
    """All codes of one campaign, by serial.

    *key*: 16, 24 or 32 bytes. *tweak*: up to 8 bytes, see `tweak_of`. Canonical codes are payload and check
    character without prefix and separators. Safe to share between threads; making one costs well under a
    millisecond, its tables are made at the first array.
    """

    def __init__(self, code_format: CodeFormat, key: bytes, tweak: bytes) -> None:
        self.format = code_format
        self._cipher = FF1Array(key, radix=code_format.radix, length=code_format.payload_length, tweak=tweak)
        self._digit = {character: digit for digit, character in enumerate(code_format.alphabet)}

    def code_of(self, serial: int) -> str:
        """Give the canonical code of one serial."""
        number = self._cipher.encrypt_serial(serial)
        radix = self.format.radix
        digits = [0] * self.format.payload_length
        for place in range(len(digits) - 1, -1, -1):
            number, digits[place] = divmod(number, radix)
        if self.format.has_check:
            digits.append(check_digit(digits, radix))
        return "".join([self.format.alphabet[digit] for digit in digits])

    def serial_of(self, canonical: str) -> int:
        """Give the serial of a canonical code, as `CodeFormat.fold` returns it.

        Every code has one: it may never have been issued, or be a test serial, or exceed a 64-bit integer;
        compare it with `CodeFormat.capacity` first.
        """
        number = 0
        for character in canonical[: self.format.payload_length]:
            number = number * self.format.radix + self._digit[character]
        return self._cipher.decrypt_serial(number)

    def encode(self, first: int, count: int, out: U8 | None = None) -> U8:
        """Write the canonical codes of a run of serials as ASCII, one row each, shape (count, length).

        *out*: rows of contiguous bytes, perhaps columns of a wider array.
        """
        if out is None:
            out = np.empty((count, self.format.length), np.uint8)
        for start in range(0, count, BLOCK):
            rows = out[start : min(start + BLOCK, count)]
            self._tables.write(*self._cipher.encrypt_range(first + start, len(rows)), rows)
        return out

    @cached_property
    def _tables(self) -> "_Tables":
        return _Tables(self.format)


class _Tables:
    """Look-up tables that turn halves into characters, several digits at a time.

    The characters of a half (8 at most) are collected in one 64-bit word, the first in its lowest byte; two
    overlapping words cover a row.
    """

    def __init__(self, code_format: CodeFormat) -> None:
        self._radix = radix = code_format.radix
        self._length = length = code_format.payload_length
        self._has_check = code_format.has_check
        self._group = group = max(g for g in range(1, _MOST_GROUP + 1) if radix**g <= _MOST_ENTRIES)
        self._group_size = np.uint64(radix**group)
        letters = np.frombuffer(code_format.alphabet.encode("ascii"), np.uint8)
        digits = np.arange(radix**group)[:, None] // radix ** np.arange(group - 1, -1, -1) % radix
        shifts = 8 * np.arange(group, dtype=np.uint64)
        text = np.bitwise_or.reduce(letters[digits].astype(np.uint64) << shifts, axis=1)
        # A half's leading group has fewer digits: its entries start with zeros, which are shifted out.
        self._text = {n: text[: radix**n] >> np.uint64(8 * (group - n)) for n in range(1, group + 1)}
        self._letters = letters
        self._sums = _group_sums(digits, radix)
        self._split = length // 2, length - length // 2

    def write(self, a: U64, b: U64, rows: U8) -> None:
        """Write the codes of halves into rows; the halves are used up."""
        u, v = self._split
        total = np.zeros(len(rows), np.uint64) if self._has_check else None
        first = self._word(a, u, v, total)
        last = self._word(b, v, 0, total)
        length = self._length
        if u == _WORD:
            head = first
        else:
            head = last << np.uint64(8 * u)
            head |= first
        _words_at(rows, 0)[:] = head
        if length > _WORD:
            if v < _WORD:
                last <<= np.uint64(8 * (_WORD - v))
                first >>= np.uint64(8 * (length - _WORD))
                last |= first
            _words_at(rows, length - _WORD)[:] = last
        if total is not None:
            radix = np.uint64(self._radix)
            rest = total - total // radix * radix
            rows[:, length] = self._check_letters[rest.view(np.int64)]

    def _word(self, numbers: U64, digits: int, behind: int, total: U64 | None) -> U64:
        """Collect the characters of one half, `behind` digits before the end, and add to the check sum."""
        word = np.zeros(len(numbers), np.uint64)
        while digits > self._group:
            quotient = numbers // self._group_size
            group = numbers - quotient * self._group_size
            part = self._look_up(self._text[self._group], group)
            digits -= self._group
            part <<= np.uint64(8 * digits)
            word |= part
            if total is not None:
                total += self._look_up(self._sums[behind % 2], group)
            behind += self._group
            numbers = quotient
        word |= self._look_up(self._text[digits], numbers)
        if total is not None:
            total += self._look_up(self._sums[behind % 2], numbers)
        return word

    @staticmethod
    def _look_up(table: U64, numbers: U64) -> U64:
        # With "clip" NumPy checks no bounds; the numbers are in range by construction.
        return np.take(table, numbers.view(np.int64), mode="clip")

    @cached_property
    def _check_letters(self) -> U8:
        return self._letters[-np.arange(self._radix) % self._radix]


def _group_sums(digits: NDArray[Any], radix: int) -> tuple[U64, U64]:
    """Give what groups of digits add to the check sum, by whether an even or odd number of digits follows."""
    plain, doubled = (np.array(table, np.uint64) for table in weights(radix))
    places = range(digits.shape[1])
    sums = [
        sum(
            (plain if (digits.shape[1] - 1 - place + behind) % 2 else doubled)[digits[:, place]]
            for place in places
        )
        for behind in (0, 1)
    ]
    return np.asarray(sums[0], np.uint64), np.asarray(sums[1], np.uint64)


def _words_at(rows: U8, column: int) -> NDArray[Any]:
    """See eight columns of bytes as one little-endian word each."""
    return rows[:, column : column + _WORD].view("<u8")[:, 0]
