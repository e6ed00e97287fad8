"""Which store a reference means, and this process's one client for it, safe with threads and after a fork."""

import os
import threading
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from django.conf import settings

from portal.core.phrases import Phrase
from portal.core.storage_errors import Reason, StorageError


@dataclass(frozen=True, slots=True)
class Account:
    """Where a store is and how to sign for it; empty values leave the choice to boto3's own chain."""

    endpoint_url: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)

    @property
    def is_aws(self) -> bool:
        return not self.endpoint_url or (urlsplit(self.endpoint_url).hostname or "").endswith(
            ".amazonaws.com"
        )

    @property
    def place(self) -> str:
        return self.endpoint_url or f"AWS S3 in {self.region}"


def is_store_address(text: str) -> bool:
    """Say whether *text* is the address of a store: http or https, a host, perhaps a port, and nothing more."""
    try:
        parts = urlsplit(text)
        port_is_one = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_bare = parts.path in {"", "/"} and not (parts.query or parts.fragment or "@" in parts.netloc)
    is_host = bool(parts.hostname) and text.isascii() and text.isprintable() and " " not in text
    return parts.scheme in {"http", "https"} and is_host and is_bare and port_is_one


def account_of(credentials: str, *, endpoint_url: str = "", region: str = "") -> Account:
    """Look up where a store is and how to sign for it; "" means this installation's own S3 settings.

    :raises StorageError: nobody has set credentials under this reference
    """
    if not credentials:
        return Account(
            endpoint_url or settings.S3_ENDPOINT_URL or "",
            region or settings.S3_REGION,
            settings.S3_ACCESS_KEY or "",
            settings.S3_SECRET_KEY or "",
        )
    known = settings.PRINTER_CREDENTIALS.get(credentials)
    if known is None:
        raise StorageError(
            Reason.UNKNOWN_CREDENTIALS,
            Phrase(
                "There are no credentials named “{name}” in this installation. "
                "Check the name, or ask an operator to add them to PRINTER_CREDENTIALS.",
                name=credentials,
            ),
        )
    return Account(
        endpoint_url or known.get("endpoint_url", ""),
        region or known.get("region", "") or settings.S3_REGION,
        known.get("access_key", ""),
        known.get("secret_key", ""),
    )


_clients: dict[Account, Any] = {}
_lock = threading.Lock()


def _forget_clients() -> None:
    # A child of a fork must share neither sockets with its parent nor a lock that another thread held.
    global _lock  # noqa: PLW0603
    _lock = threading.Lock()
    _clients.clear()


os.register_at_fork(after_in_child=_forget_clients)


def client_for(account: Account) -> Any:
    """Give this process's client for *account*, made on first use.

    Typed loosely: boto3 builds its methods at run time, and their stubs are no run-time package.
    """
    # Clients may be used by many threads; making one may not, hence the lock and a session of its own.
    with _lock:
        if account not in _clients:
            _clients[account] = _new_client(account)
        return _clients[account]


def _new_client(account: Account) -> Any:
    checksums: Literal["when_supported", "when_required"] = (
        "when_supported" if account.is_aws else "when_required"
    )
    config = Config(
        connect_timeout=3,
        read_timeout=30,
        retries={"mode": "standard", "total_max_attempts": 3},
        signature_version="s3v4",
        request_checksum_calculation=checksums,
        response_checksum_validation=checksums,
        s3={"addressing_style": "auto" if account.is_aws else "path"},
        tcp_keepalive=True,
    )
    try:
        return boto3.session.Session().client(
            "s3",
            endpoint_url=account.endpoint_url or None,
            region_name=account.region,
            aws_access_key_id=account.access_key or None,
            aws_secret_access_key=account.secret_key or None,
            config=config,
        )
    except ValueError as error:
        # The caller names the address; botocore's own sentence says what is wrong with it.
        message = Phrase("The store's address cannot be used. {said}", said=str(error))
        raise StorageError(Reason.REJECTED, message) from None
