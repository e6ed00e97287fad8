"""The one keyring of this process, read from the settings' key file, which is made when there is none."""

from functools import cache

from django.conf import settings

from portal.core import clock
from portal.crypto.keyring import Keyring, create


@cache
def keyring() -> Keyring:
    """Give this process's keyring.

    :raises portal.crypto.keyring.KeyFileError: the key file is open to others, unreadable or malformed
    """
    make_key_file()
    return Keyring.load(settings.KEY_FILE)


def make_key_file() -> bool:
    """Make the key file unless it is there; say whether this call made it."""
    return create(settings.KEY_FILE, created_at=clock.now().isoformat(timespec="seconds"))
