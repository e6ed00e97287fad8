"""The screen for offensive words: which codes spell one, on whole matrices of them.

A matrix is screened in two steps: look-ups of every second pair of characters find the few rows in which a
word may begin, and only these are looked at place by place.
"""

from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from campaigns.rules.formats import CodeFormat
from campaigns.rules.word_list import WORDS

U8 = NDArray[np.uint8]
U64 = NDArray[np.uint64]

# What a character reads as: digits as letters, and letters as those they look like.
_READS = str.maketrans("01L23456789V", "OIIZEASGTBGU")
_SHORTEST, _LONGEST = 3, 4
# The bits of a pair's entry, sixteen each: as the left pair of two, and as the right one.
_BITS = 16
_LEFT, _RIGHT = np.uint64((1 << 2 * _BITS) - 1), np.uint64(2 * _BITS)
# Classes of characters are numbered with five bits.
_CLASS_BITS = 5


def reading(text: str) -> str:
    """Give the letters that a text reads as: 5 as S, 4 as A, small as capital."""
    return text.upper().translate(_READS)


class WordScreen:
    """The screen for one format; words that its alphabet cannot spell cost nothing.

    An alphabet of digits alone has no screen: its codes are read as numbers. Safe to share between threads.
    """

    def __init__(self, code_format: CodeFormat, words: Iterable[str] = WORDS) -> None:
        self._format = code_format
        self._readings = {character: reading(character) for character in code_format.alphabet}
        spelled = set(self._readings.values())
        has_letters = not code_format.alphabet.isdigit()
        readings = {reading(word) for word in words} if has_letters else set()
        if any(not _SHORTEST <= len(word) <= _LONGEST for word in readings):
            raise ValueError("A word is listed by three or four letters.")
        self.words = tuple(sorted(word for word in readings if set(word) <= spelled))

    def hits_text(self, canonical: str) -> bool:
        """Say whether one canonical code spells a word."""
        text = reading(canonical)
        return any(word in text for word in self.words)

    def hit_probability(self) -> float:
        """Give an upper bound of the share of codes that spell a word: the sum over words and places."""
        alphabet = list(self._readings.values())
        total = 0.0
        for word in self.words:
            share = 1.0
            for letter in word:
                share *= alphabet.count(letter) / self._format.radix
            total += share * (self._format.length - len(word) + 1)
        return total

    def hits(self, matrix: U8) -> NDArray[np.bool_]:
        """Say for each row of canonical codes, shape (N, length), whether it spells a word."""
        found = np.zeros(len(matrix), np.bool_)
        if not self.words:
            return found
        rows = np.flatnonzero(self._candidates(matrix))
        if len(rows):
            found[rows] = self._spells(matrix[rows])
        return found

    def _candidates(self, matrix: U8) -> U64:
        """Give non-zero for each row that has the first three letters of a word.

        Two neighbouring pairs hold two places for three letters: the left pair and one character, or one
        character and the right pair.
        """
        places = list(range(0, self._format.length - 1, 2))
        entries = [self._entries(matrix, place) for place in places]
        marks = np.zeros(len(matrix), np.uint64)
        for left, right in pairwise(entries):
            marks |= left & (right >> _RIGHT)
        if self._format.length % 2:
            last = self._format.length - 2
            marks |= self._entries(matrix, last - 2) & (self._entries(matrix, last) >> _RIGHT)
        marks &= _LEFT
        return marks

    def _entries(self, matrix: U8, place: int) -> U64:
        pairs = matrix[:, place : place + 2].view("<u2")[:, 0].astype(np.int64)
        return np.take(self._pairs, pairs, mode="clip")

    @cached_property
    def _pairs(self) -> U64:
        """What each pair of characters, as a 16-bit word, may be of a word's first three letters.

        A bit stands for the letter that the other pair has to add: a left pair lacks the third letter (bits
        0–15), and the first is lacked by a right pair that has the second and third (16–31). Letters may
        share a bit: that makes candidates of a few more rows.
        """
        heads = {word[:_SHORTEST] for word in self.words}
        third = _bits(head[2] for head in heads)
        first = _bits(head[0] for head in heads)
        pairs = np.zeros(1 << 16, np.uint64)
        for x, x_reads in self._readings.items():
            for y, y_reads in self._readings.items():
                left = first.get(y_reads, 0) << _BITS
                right = third.get(x_reads, 0)
                for head in heads:
                    left |= third[head[2]] if head[:2] == x_reads + y_reads else 0
                    right |= first[head[0]] << _BITS if head[1:] == x_reads + y_reads else 0
                pairs[ord(x) | ord(y) << 8] = left | right << int(_RIGHT)
        return pairs

    def _spells(self, matrix: U8) -> NDArray[np.bool_]:
        """Say for each row whether it spells a word, exactly: all windows of four characters, looked up."""
        classes = np.take(self._classes, matrix.T, mode="clip")
        found = np.zeros(len(matrix), np.bool_)
        window = np.zeros(len(matrix), np.int64)
        # One more character, of no class, lets the last three be a window of four too.
        for place, following in enumerate([*classes, 0]):
            window <<= _CLASS_BITS
            window |= following
            window &= self._windows.size - 1
            if place >= _LONGEST - 1:
                found |= np.take(self._windows, window, mode="clip")
        return found

    @cached_property
    def _class_of(self) -> dict[str, int]:
        """Number the letters of words from 1; 0 is any other, and the end of a code."""
        return {letter: number for number, letter in enumerate(sorted(set("".join(self.words))), start=1)}

    @cached_property
    def _classes(self) -> NDArray[np.int64]:
        classes = np.zeros(256, np.int64)
        for character, reads in self._readings.items():
            classes[ord(character)] = self._class_of.get(reads, 0)
        return classes

    @cached_property
    def _windows(self) -> NDArray[np.bool_]:
        """Whether four classes begin with a word."""
        windows = np.zeros(1 << _CLASS_BITS * _LONGEST, np.bool_)
        for word in self.words:
            start = 0
            for letter in word:
                start = start << _CLASS_BITS | self._class_of[letter]
            free = _CLASS_BITS * (_LONGEST - len(word))
            windows[start << free : (start + 1) << free] = True
        return windows


def _bits(letters: Iterable[str]) -> dict[str, int]:
    """Give each letter one of sixteen bits."""
    return {letter: 1 << place % _BITS for place, letter in enumerate(sorted(set(letters)))}
