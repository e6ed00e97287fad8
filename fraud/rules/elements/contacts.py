"""Birth dates, telephone numbers, e-mail addresses, accounts and devices as they are compared; empty is no value."""

import ipaddress
from datetime import date
from functools import lru_cache

from fraud.rules.canonical import BankAccount
from fraud.rules.elements.words import words_of

# All days on which an applicant can be born.
CACHED_DAYS = 1 << 15
CACHED_EMAILS = 1 << 12
# Before it nobody was born who applies today; systems write 1 January 1900 for "unknown".
FIRST_YEAR = 1901
IPV6_SITE = 64

_GMAIL = frozenset({"gmail.com", "googlemail.com"})
# What people write who have none, or keep theirs to themselves.
_FILLERS = words_of(
    """
    none no noemail nomail na n/a unknown null nil test aucun pasdecourriel sansobjet email nobody xxx
    """
)
_LOCAL_NETWORKS = ("10.", "127.", "192.168.", "169.254.", "0.")


@lru_cache(CACHED_DAYS)
def birth_key(day: date | None) -> str:
    """Give a birth date with day and month in no order if both could be a month, so that swapped ones meet."""
    if day is None or day.year < FIRST_YEAR:
        return ""
    if day.day > 12:
        return day.isoformat()
    low, high = sorted((day.month, day.day))
    return f"{day.year}-{low:02}-{high:02}"


def phone_key(number: str) -> str:
    """Give a number in E.164 as it is, unless its last seven digits are one digit: nobody's."""
    return "" if number[-7:] == number[-1:] * 7 else number


@lru_cache(CACHED_EMAILS)
def email_key(address: str) -> str:
    """Give an address in small letters, without tag; of Gmail, which ignores dots, without dots."""
    local, at, domain = address.strip().lower().rpartition("@")
    if not at or "." not in domain:
        return ""
    # RFC 5233 calls what follows + a detail: it reaches the same mailbox.
    local = local.partition("+")[0]
    domain = domain.rstrip(".")
    if domain in _GMAIL:
        local, domain = local.replace(".", ""), "gmail.com"
    is_filler = local in _FILLERS or domain.partition(".")[0] in _FILLERS
    return "" if not local or is_filler else f"{local}@{domain}"


def account_key(account: BankAccount | None) -> str:
    """Give institution, transit and number; a number alone is one of ten million at every bank, so it is none."""
    if account is None:
        return ""
    number = account.number.lstrip("0")
    if not number or not account.institution or not account.transit:
        return ""
    return f"{account.institution.zfill(3)}-{account.transit.zfill(5)}-{number}"


def device_key(device: str) -> str:
    """Give a device id as it is, unless it says that there is none."""
    plain = device.strip()
    return "" if plain.lower() in _FILLERS or not plain.strip("0-") else plain


def ip_key(address: str) -> str:
    """Give an IPv4 address, or the network of an IPv6 one (its first 64 bits, a site); none for a local network."""
    plain = address.strip()
    if ":" not in plain:
        return "" if plain.startswith(_LOCAL_NETWORKS) else plain
    try:
        return str(ipaddress.IPv6Network((plain, IPV6_SITE), strict=False).network_address)
    except ValueError:
        return ""
