"""What makes a password too easy to guess: known from a breach, a little more than that, or full of what is known.

No rules of composition, after NIST SP 800-63B: length, and a look-up that needs no network. The list in
`breached.bin` is made by `bin/breached`, which says what is in it and under which licences. An operator with a
larger one names it by BREACHED_PASSWORDS: the file of Have I Been Pwned, one `SHA-1:count` a line in order of hash.
"""

import itertools
import os
import re
import unicodedata
from functools import cache
from hashlib import sha1
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

BUNDLED = Path(__file__).with_name("breached.bin")
# Of each SHA-1: with 22,000 entries, one in ten billion other passwords is refused by mistake.
PREFIX_BYTES = 6
_HASH_DIGITS = 40
# What is added to a known password must be as long as a password of its own once was.
ADDED = 8
SHORTEST_WORD = 4
PRODUCT = "countersign"
_LOOKALIKES = str.maketrans("@4301!$578", "aaeoiisstb")
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")


def prefix_of(password: str) -> bytes:
    """Give what the bundled list keeps of a password in small letters."""
    return sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()[:PREFIX_BYTES]


def is_bundled(password: str) -> bool:
    """Say whether a password in small letters is on the bundled list."""
    wanted, listed = prefix_of(password), _bundled()
    low, high = 0, len(listed) // PREFIX_BYTES
    while low < high:
        middle = (low + high) // 2
        if listed[middle * PREFIX_BYTES : (middle + 1) * PREFIX_BYTES] < wanted:
            low = middle + 1
        else:
            high = middle
    return listed[low * PREFIX_BYTES : (low + 1) * PREFIX_BYTES] == wanted


@cache
def _bundled() -> bytes:
    return BUNDLED.read_bytes()


def is_in_file(password: str, path: Path) -> bool:
    """Say whether a file of `SHA-1:count` lines, sorted, knows this very password; a bisection on disk.

    :raises OSError: the file is not there or cannot be read
    """
    digest = sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
    wanted = digest.upper().encode()
    with path.open("rb") as file:
        low, high = 0, file.seek(0, os.SEEK_END)
        while low < high:
            middle = (low + high) // 2
            file.seek(middle)
            if middle:
                # In the midst of a line: the next one is the first whole one.
                file.seek(middle - 1)
                file.readline()
            line = file.readline()
            if line and line[:_HASH_DIGITS].upper() < wanted:
                low = file.tell()
            else:
                high = middle
        file.seek(low)
        return file.readline()[:_HASH_DIGITS].upper() == wanted


def is_easy(password: str) -> bool:
    """Say whether a password is on the bundled list, hardly more than one that is, or a mere pattern."""
    folded = unicodedata.normalize("NFKC", password).casefold()
    return is_bundled(folded) or _is_pattern(folded) or any(is_bundled(core) for core in _cores(folded))


def _cores(folded: str) -> set[str]:
    """Give the words that the password is little more than: without what was put around, lookalikes read as letters."""
    found = set()
    for spelled in (folded, folded.translate(_LOOKALIKES)):
        core = re.sub(r"^[^a-z]+|[^a-z]+$", "", spelled)
        found |= {core, core.translate(_LOOKALIKES)}
    # "P@ssw0rd2024!" ends in digits that look like letters, so they go before the others are read.
    bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded)
    found |= {bare, bare.translate(_LOOKALIKES)}
    return {
        core for core in found if len(core) >= SHORTEST_WORD and len(folded) - len(core) <= ADDED
    } | _repeated(folded)


def _repeated(folded: str) -> set[str]:
    """Give what the password repeats, if it is one thing again and again."""
    unit = (folded + folded).find(folded, 1)
    return {folded[:unit]} if unit < len(folded) else set()


def _is_pattern(folded: str) -> bool:
    """Say whether the password is a few letters again and again, or goes along the alphabet or the keyboard."""
    if any(len(unit) <= SHORTEST_WORD for unit in _repeated(folded)):
        return True
    pairs = {one + other for row in _ROWS for one, other in itertools.pairwise(row)}
    pairs |= {pair[::-1] for pair in pairs}
    steps = [one + other in pairs for one, other in itertools.pairwise(folded)]
    return bool(steps) and steps.count(False) * 4 <= len(steps)


class BreachedPasswordValidator:
    """Refuse a password that whoever guesses would try early."""

    def validate(self, password: str, user: object = None) -> None:
        """Pass the password.

        :raises ValidationError: it is known, or nearly
        """
        larger = settings.BREACHED_PASSWORDS
        if is_easy(password) or (larger is not None and is_in_file(password, larger)):
            raise ValidationError(
                _("This password, or one that differs little, has appeared in a breach. Choose another one."),
                code="password_breached",
            )

    def get_help_text(self) -> str:
        return _("Not one that has appeared in a breach.")


class ContextValidator:
    """Refuse a password that holds what everybody knows about its owner."""

    def validate(self, password: str, user: object = None) -> None:
        """Pass the password.

        :raises ValidationError: it holds the person's name or address, or the name of this product
        """
        folded = password.casefold()
        if any(word in folded for word in _known_words(user)):
            raise ValidationError(
                _("The password must not hold your name, your address or “Countersign”. Choose another one."),
                code="password_of_context",
            )

    def get_help_text(self) -> str:
        return _("Without your name, your address or “Countersign”.")


def _known_words(user: object) -> set[str]:
    address = str(getattr(user, "email", "")).casefold()
    words = {PRODUCT, address, address.partition("@")[0], *str(getattr(user, "name", "")).casefold().split()}
    words |= set(re.split(r"[^\w]+", address.partition("@")[0]))
    return {word for word in words if len(word) >= SHORTEST_WORD}
