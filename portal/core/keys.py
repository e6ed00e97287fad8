"""The one keyring of this process: from the key file or the KMS, for the purposes of this kind of process alone."""

import os
from functools import cache

from django.conf import settings

from portal.core import clock
from portal.crypto.file_keys import FileKeys
from portal.crypto.key_file import add_missing, create, write_share
from portal.crypto.keyring import KeyProvider, Keyring
from portal.privileges import GRANTED, Process, purposes


@cache
def keyring() -> Keyring:
    """Give this process's keyring.

    :raises portal.crypto.key_file.KeyFileError: the key file is absent, open to others, unreadable or malformed
    """
    return Keyring(_provider(), purposes=purposes(Process(settings.PROCESS)))


def make_key_file() -> bool:
    """Make the key file unless it is there, add keys of purposes that it lacks; say whether this call made it.

    :raises portal.crypto.key_file.KeyFileError: what lies there cannot be trusted or understood
    """
    created_at = clock.now().isoformat(timespec="seconds")
    made = create(settings.KEY_FILE, created_at=created_at)
    add_missing(settings.KEY_FILE, created_at=created_at)
    write_shares()
    return made


def write_shares() -> None:
    """Write beside the key file what each kind of process gets of it, and nothing more.

    :raises portal.crypto.key_file.KeyFileError: the key file cannot be trusted or understood
    """
    for process in GRANTED:
        write_share(settings.KEY_FILE, purposes(process), whose=str(process))


def _provider() -> KeyProvider:
    if settings.KEY_PROVIDER == "kms":
        from portal.core.kms import kms_keys

        return kms_keys()
    return FileKeys.load(settings.KEY_FILE)


# A child of a fork must share neither sockets with its parent nor a lock that another thread held.
os.register_at_fork(after_in_child=keyring.cache_clear)
