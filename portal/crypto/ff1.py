"""FF1, format-preserving encryption of NIST SP 800-38G, for any shape: one sequence of numerals at a time.

`ff1_arrays` is the same cipher on whole arrays, for the shapes that campaigns use; this one is the reference
it is held to. Neither hides the length of what it enciphers, and neither detects tampering: every sequence
of numerals deciphers to some other.
"""

from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

BLOCK_BYTES = 16
ROUNDS = 10
# SP 800-38G Rev. 1 raised the least domain from 100 to 1,000,000 (section 5.2).
LEAST_DOMAIN = 1_000_000
KEY_BYTES = (16, 24, 32)


class DomainTooSmallError(ValueError):
    """The radix and the length make fewer than 1,000,000 different sequences."""

    code = "domain-too-small"


class NumeralError(ValueError):
    """A numeral lies outside the radix, or there are too many of them."""

    code = "numerals-invalid"


def check_key(key: bytes) -> None:
    """Pass a key of 16, 24 or 32 bytes."""
    if len(key) not in KEY_BYTES:
        raise ValueError(f"An AES key has 16, 24 or 32 bytes, not {len(key)}.")


def check_domain(radix: int, length: int) -> None:
    """Pass a radix of 2 to 65536 with a length that makes at least 1,000,000 sequences."""
    if not 2 <= radix <= 1 << 16:
        raise ValueError(f"The radix must be 2 to 65536, not {radix}.")
    # Twenty numerals are enough for any radix, and keep the power small.
    if length < 2 or radix ** min(length, 20) < LEAST_DOMAIN:
        raise DomainTooSmallError(
            f"{length} numerals of radix {radix} make fewer than {LEAST_DOMAIN:,} sequences."
        )


def half_bytes(radix: int, numerals: int) -> int:
    """Give b: the bytes that hold any number of so many numerals (step 3 of algorithm 7)."""
    return (int(radix**numerals - 1).bit_length() + 7) // 8


def fixed_block(radix: int, length: int, tweak: bytes) -> bytes:
    """Give P, the first block of every round (step 5 of algorithm 7)."""
    return (
        b"\x01\x02\x01"
        + radix.to_bytes(3, "big")
        + bytes([ROUNDS, (length // 2) % 256])
        + length.to_bytes(4, "big")
        + len(tweak).to_bytes(4, "big")
    )


class FF1:
    """FF1 under one key, radix and tweak.

    *key*: 16, 24 or 32 bytes. *tweak*: any number of bytes, not secret. *radix*: 2 to 65536. Safe to share
    between threads.
    """

    def __init__(self, key: bytes, *, radix: int, tweak: bytes = b"") -> None:
        check_key(key)
        if not 2 <= radix <= 1 << 16:
            raise ValueError(f"The radix must be 2 to 65536, not {radix}.")
        self._aes = AES(key)
        self._radix = radix
        self._tweak = bytes(tweak)

    def encrypt(self, numerals: Sequence[int]) -> list[int]:
        """Encipher numerals into as many others, all from 0 to radix - 1, the most significant first.

        :raises DomainTooSmallError: radix to the power of their number is under 1,000,000
        :raises NumeralError: a numeral lies outside the radix
        """
        return self._run(numerals, range(ROUNDS), decrypting=False)

    def decrypt(self, numerals: Sequence[int]) -> list[int]:
        """Undo `encrypt`; the same refusals."""
        return self._run(numerals, range(ROUNDS - 1, -1, -1), decrypting=True)

    def _run(self, numerals: Sequence[int], rounds: range, *, decrypting: bool) -> list[int]:
        length = len(numerals)
        check_domain(self._radix, length)
        if length >= 1 << 32:
            raise NumeralError("FF1 takes fewer than 2**32 numerals.")
        if not all(0 <= numeral < self._radix for numeral in numerals):
            raise NumeralError(f"Every numeral must be 0 to {self._radix - 1}.")
        u, v = length // 2, length - length // 2
        # halves[0] is changed by even rounds, halves[1] by odd ones: no swap is needed.
        halves = [_number(numerals[:u], self._radix), _number(numerals[u:], self._radix)]
        moduli = (self._radix**u, self._radix**v)
        # FF1 is built upon the bare block cipher.
        ecb = Cipher(self._aes, ECB()).encryptor()  # noqa: S305
        for i in rounds:
            y = self._round(i, halves[1 - i % 2], length, ecb)
            halves[i % 2] = (halves[i % 2] + (-y if decrypting else y)) % moduli[i % 2]
        return _numerals(halves[0], self._radix, u) + _numerals(halves[1], self._radix, v)

    def _round(self, i: int, half: int, length: int, ecb: CipherContext) -> int:
        """Give y of one round (steps 6.i to 6.iv)."""
        b = half_bytes(self._radix, length - length // 2)
        d = 4 * ((b + 3) // 4) + 4
        padding = bytes((-len(self._tweak) - b - 1) % BLOCK_BYTES)
        q = self._tweak + padding + bytes([i]) + half.to_bytes(b, "big")
        # PRF is CBC-MAC with a zero start, that is the last block of CBC.
        cbc = Cipher(self._aes, CBC(bytes(BLOCK_BYTES))).encryptor()
        r = cbc.update(fixed_block(self._radix, length, self._tweak) + q)[-BLOCK_BYTES:]
        s = r
        r_number = int.from_bytes(r, "big")
        for j in range(1, (d + BLOCK_BYTES - 1) // BLOCK_BYTES):
            s += ecb.update((r_number ^ j).to_bytes(BLOCK_BYTES, "big"))
        return int.from_bytes(s[:d], "big")


def _number(numerals: Sequence[int], radix: int) -> int:
    number = 0
    for numeral in numerals:
        number = number * radix + numeral
    return number


def _numerals(number: int, radix: int, length: int) -> list[int]:
    numerals = [0] * length
    for place in range(length - 1, -1, -1):
        number, numerals[place] = divmod(number, radix)
    return numerals
