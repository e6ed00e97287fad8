"""How mail leaves: nowhere on the local stack, by SMTP, or by Amazon SES; read from one address in the settings."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import dj_email_url

# Seconds for each step of a conversation with a mail server.
TIMEOUT = 10


class Way(StrEnum):
    """The ways by which mail leaves."""

    LOCAL = "local"
    SMTP = "smtp"
    SES = "ses"


@dataclass(frozen=True, slots=True)
class Route:
    """A way, and what it needs: the arguments of Django's SMTP backend, or the region and endpoint of SES."""

    way: Way
    options: dict[str, Any] = field(default_factory=dict, repr=False)


def read_route(address: str) -> Route:
    """Read `local://`, `submission://user:password@host` (STARTTLS), `smtps://…`, `smtp://…`, or `ses://eu-west-1`.

    :raises ValueError: it is none of these
    """
    parts = urlsplit(address)
    if parts.scheme == "local":
        return Route(Way.LOCAL)
    if parts.scheme == "ses" and parts.hostname:
        return Route(Way.SES, {"region": parts.hostname})
    if parts.scheme in {"smtp", "smtps", "submission"} and parts.hostname:
        is_wrapped = parts.scheme == "smtps"
        # The library reads smtps:// as STARTTLS without a port; RFC 8314 means TLS from the first byte, on 465.
        found = dj_email_url.parse(address.replace("smtps://", "smtp://", 1) if is_wrapped else address)
        return Route(
            Way.SMTP,
            {
                "host": found["EMAIL_HOST"],
                "port": 465 if is_wrapped and parts.port is None else found["EMAIL_PORT"],
                "username": found["EMAIL_HOST_USER"],
                "password": found["EMAIL_HOST_PASSWORD"],
                "use_tls": found["EMAIL_USE_TLS"] and not is_wrapped,
                "use_ssl": found["EMAIL_USE_SSL"] or is_wrapped,
                "timeout": TIMEOUT,
            },
        )
    raise ValueError("EMAIL_URL must begin with local://, smtp://, smtps:// or ses://REGION.")
