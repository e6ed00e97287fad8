"""FF1 on whole arrays of serial numbers, for the shapes that campaigns use: radix to 64, length 6 to 16.

A serial is the number that its numerals spell, the first numeral weighing most. With a tweak of up to 8 bytes
the block Q is the only one that changes, so AES(P) is a constant and a round is one ECB call over an (N, 2)
array of 64-bit words. `ff1.FF1` is the reference.
"""

import threading
from typing import Any, NoReturn

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from numpy.typing import NDArray

from portal.crypto.ff1 import BLOCK_BYTES, ROUNDS, check_domain, check_key, fixed_block, half_bytes

U64 = NDArray[np.uint64]
Halves = tuple[U64, U64]

# Codes at once: all buffers of a round together stay in the second-level cache.
BLOCK = 16_384
MOST_TWEAK = 8
SHORTEST, LONGEST = 6, 16
WIDEST = 64


class _Workspace(threading.local):
    """One thread's AES context and buffers; a context serves one thread at a time."""

    def __init__(self, key: bytes) -> None:
        # FF1 is built upon the bare block cipher.
        self.context: CipherContext = Cipher(AES(key), ECB()).encryptor()  # noqa: S305
        self._buffers: _Buffers | None = None

    @property
    def buffers(self) -> "_Buffers":
        """The buffers, made at first use: who only deciphers single codes needs none."""
        if self._buffers is None:
            self._buffers = _Buffers()
        return self._buffers


class _Buffers:
    """Room for one block: AES in, AES out, and two arrays of numbers."""

    def __init__(self) -> None:
        self.plain = np.zeros(BLOCK * BLOCK_BYTES, np.uint8)
        # update_into asks for up to a block more than it writes.
        self.secret = np.zeros((BLOCK + 1) * BLOCK_BYTES, np.uint8)
        self.y = np.empty(BLOCK, np.uint64)
        self.quotient = np.empty(BLOCK, np.uint64)
        self.rest = np.empty(BLOCK, np.uint64)
        # Seen as big-endian words, as FF1 reads them; NumPy turns the bytes while it copies.
        self.plain_words = self.plain.view(">u8").reshape(-1, 2)
        self.secret_words = self.secret.view(">u8").reshape(-1, 2)
        self.secret_thirds = self.secret.view(">u4").reshape(-1, 4)


class FF1Array:
    """FF1 under one key, radix, length and tweak, between serials and the halves of their images.

    *key*: 16, 24 or 32 bytes. *tweak*: up to 8 bytes, not secret. Halves are the numbers that the first
    `length // 2` and the remaining numerals spell. Safe to share between threads; never pickled.

    :raises DomainTooSmallError: radix to the power of length is under 1,000,000
    """

    def __init__(self, key: bytes, *, radix: int, length: int, tweak: bytes = b"") -> None:
        check_key(key)
        if not 2 <= radix <= WIDEST or not SHORTEST <= length <= LONGEST or len(tweak) > MOST_TWEAK:
            raise ValueError(
                "Arrays take a radix of 2 to 64, a length of 6 to 16 and a tweak of up to 8 bytes."
            )
        check_domain(radix, length)
        self.radix, self.length = radix, length
        self.high = int(radix ** (length // 2))
        self.low = int(radix ** (length - length // 2))
        self._moduli = (self.high, self.low)
        b = half_bytes(radix, length - length // 2)
        # d is 8 bytes for a half of up to 32 bits and 12 bytes above.
        self._is_wide = b > 4
        self._work = _Workspace(key)
        constant = self._work.context.update(fixed_block(radix, length, tweak))
        self._first_word = int.from_bytes(constant[:8], "big") ^ int.from_bytes(tweak.ljust(8, b"\0"), "big")
        second = int.from_bytes(constant[8:], "big")
        self._second_words = [second ^ (i << 8 * b) for i in range(ROUNDS)]

    def __reduce__(self) -> NoReturn:
        raise TypeError("A cipher holds a key and is not pickled.")

    @property
    def size(self) -> int:
        """The number of serials: radix to the power of length."""
        return self.high * self.low

    def encrypt_range(self, first: int, count: int) -> Halves:
        """Encipher the serials from `first` on, `count` of them (under 2**32), into fresh halves."""
        if first < 0 or not 0 <= count < 1 << 32 or first + count > self.size:
            raise ValueError("The run of serials lies outside the domain.")
        a, b = divmod(first, self.low)
        return self._encrypt(*self._split(np.arange(count, dtype=np.uint64) + np.uint64(b), np.uint64(a)))

    def encrypt_serials(self, serials: U64) -> Halves:
        """Encipher any serials into fresh halves."""
        if serials.size and int(serials.max()) >= self.size:
            raise ValueError("A serial lies outside the domain.")
        return self._encrypt(*self._split(serials.astype(np.uint64), np.uint64(0)))

    def decrypt_halves(self, a: U64, b: U64) -> Halves:
        """Decipher halves into the halves of their serials: serial = a · low + b."""
        if a.size and (int(a.max()) >= self.high or int(b.max()) >= self.low):
            raise ValueError("A half lies outside the domain.")
        a, b = a.astype(np.uint64), b.astype(np.uint64)
        self._run(a, b, range(ROUNDS - 1, -1, -1), decrypting=True)
        return a, b

    def decrypt_serials(self, a: U64, b: U64) -> U64:
        """Decipher halves into serials; only for a domain of at most 2**64."""
        if self.size > 1 << 64:
            raise ValueError("The serials of this domain do not fit into 64 bits.")
        a, b = self.decrypt_halves(a, b)
        return a * np.uint64(self.low) + b

    def encrypt_serial(self, serial: int) -> int:
        """Encipher one serial into the number that its image spells."""
        if not 0 <= serial < self.size:
            raise ValueError("The serial lies outside the domain.")
        return self._run_one(serial, range(ROUNDS), 1)

    def decrypt_serial(self, number: int) -> int:
        """Decipher the number that one image spells into its serial."""
        if not 0 <= number < self.size:
            raise ValueError("The number lies outside the domain.")
        return self._run_one(number, range(ROUNDS - 1, -1, -1), -1)

    def _split(self, numbers: U64, carry: np.uint64) -> Halves:
        a = numbers // np.uint64(self.low)
        return a + carry, numbers - a * np.uint64(self.low)

    def _encrypt(self, a: U64, b: U64) -> Halves:
        self._run(a, b, range(ROUNDS), decrypting=False)
        return a, b

    def _run(self, a: U64, b: U64, rounds: range, *, decrypting: bool) -> None:
        """Run the rounds in place, block by block: even rounds change `a`, odd ones `b`."""
        buffers = self._work.buffers
        for start in range(0, len(a), BLOCK):
            halves = (a[start : start + BLOCK], b[start : start + BLOCK])
            count = len(halves[0])
            buffers.plain_words[:count, 0] = self._first_word
            for i in rounds:
                changed, source = halves[i % 2], halves[1 - i % 2]
                y = self._round(i, source, buffers, count)
                self._add(changed, y, self._moduli[i % 2], buffers, decrypting=decrypting)

    def _round(self, i: int, source: U64, buffers: _Buffers, count: int) -> U64:
        """Give y modulo the round's modulus."""
        constant = np.uint64(self._second_words[i])
        np.bitwise_xor(source, constant, out=buffers.plain_words[:count, 1], casting="unsafe")
        used = count * BLOCK_BYTES
        plain: Any = buffers.plain[:used]
        secret: Any = buffers.secret[: used + BLOCK_BYTES]
        self._work.context.update_into(plain, secret)
        y = buffers.y[:count]
        np.copyto(y, buffers.secret_words[:count, 0])
        modulus = self._moduli[i % 2]
        if self._is_wide:
            return self._reduce_wide(y, buffers, modulus)
        _reduce(y, buffers, modulus)
        return y

    def _reduce_wide(self, y: U64, buffers: _Buffers, modulus: int) -> U64:
        """Bring the 96 bits of y below the modulus: append the last 32 to the rest of the first 64.

        A rest takes as many more bits at a time as keep it within 64.
        """
        last = buffers.rest[: len(y)]
        np.copyto(last, buffers.secret_thirds[: len(y), 2])
        if modulus & (modulus - 1) == 0:
            y <<= np.uint64(32)
            y |= last
            _reduce(y, buffers, modulus)
            return y
        _reduce(y, buffers, modulus)
        left = 32
        while left:
            step = min(left, 64 - (modulus - 1).bit_length())
            left -= step
            y <<= np.uint64(step)
            y |= (last >> np.uint64(left)) & np.uint64((1 << step) - 1)
            _reduce(y, buffers, modulus)
        return y

    def _add(self, half: U64, y: U64, modulus: int, buffers: _Buffers, *, decrypting: bool) -> None:
        """Add y to the half, or take it away, modulo the modulus; both are below it."""
        m = np.uint64(modulus)
        other = buffers.quotient[: len(y)]
        if decrypting:
            np.subtract(half, y, out=half)
            np.add(half, m, out=other)
        else:
            np.add(half, y, out=half)
            np.subtract(half, m, out=other)
        # The one of the two that left the range wrapped round and is the larger.
        np.minimum(half, other, out=half)

    def _run_one(self, number: int, rounds: range, sign: int) -> int:
        halves = list(divmod(number, self.low))
        update = self._work.context.update
        first = self._first_word << 64
        for i in rounds:
            block = first | (self._second_words[i] ^ halves[1 - i % 2])
            r = update(block.to_bytes(BLOCK_BYTES, "big"))
            y = int.from_bytes(r[:12] if self._is_wide else r[:8], "big")
            halves[i % 2] = (halves[i % 2] + sign * y) % self._moduli[i % 2]
        return halves[0] * self.low + halves[1]


def _reduce(y: U64, buffers: _Buffers, modulus: int) -> None:
    """Bring y below the modulus in place: // and a product are ten times as fast as NumPy's %."""
    if modulus & (modulus - 1) == 0:
        y &= np.uint64(modulus - 1)
        return
    quotient = buffers.quotient[: len(y)]
    np.floor_divide(y, np.uint64(modulus), out=quotient)
    quotient *= np.uint64(modulus)
    y -= quotient
