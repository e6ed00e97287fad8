"""How often a client may ask and a member may try, counted in Redis; without Redis nobody passes."""

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Any

import structlog
from django.conf import settings
from django.utils.translation import gettext as _
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from portal.core.errors import DomainError, Kind, UnavailableError
from portal.core.phrases import Phrase

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many within a window of so many seconds, which begins with the first."""

    most: int
    seconds: int


CLIENT_SECONDS = 60
MEMBER_TRIES = Limit(30, 600)
# Refused tries after which a member must wait: far more than a person mistypes, far fewer than guessing needs.
MEMBER_REFUSALS = Limit(10, 600)

# Wrong keys from one address after which it is told to wait; a right key passes all the same.
WRONG_KEYS = Limit(60, 60)
# How often a client that calls from a forbidden address is written into the trail.
REFUSED_ADDRESSES = Limit(1, 600)


class _LimitError(DomainError):
    kind = Kind.LIMITED

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class RateLimitedError(_LimitError):
    """Refuse a client that asks too often."""

    code = "rate-limited"
    title = Phrase("Too many requests")


class WrongKeysError(_LimitError):
    """Refuse an address that goes on sending keys that open nothing."""

    code = "rate-limited"
    title = Phrase("Too many wrong keys")


class MemberLimitError(_LimitError):
    """Refuse a member who tries too often."""

    code = "member-limit"
    title = Phrase("This member has tried too often")


class LockedOutError(_LimitError):
    """Refuse a member after too many codes that were refused."""

    code = "locked-out"
    title = Phrase("This member is locked out for a while")


# Count one; the first of a window sets its end. Gives 0, or the milliseconds until the window ends.
_COUNT = """
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
if n <= tonumber(ARGV[1]) then return 0 end
return redis.call('PTTL', KEYS[1])
"""

# Look at the refusals, then count the try: one round trip. Gives {0 | 1 locked out | 2 too often, milliseconds}.
_TRY = """
if tonumber(redis.call('GET', KEYS[2]) or 0) >= tonumber(ARGV[3]) then
  return {1, redis.call('PTTL', KEYS[2])}
end
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
if n <= tonumber(ARGV[1]) then return {0, 0} end
return {2, redis.call('PTTL', KEYS[1])}
"""


def count_request(client_id: int, *, most: int) -> None:
    """Count a request of a client.

    :raises RateLimitedError: it has had its requests of this minute
    :raises UnavailableError: Redis does not answer
    """
    left = _run(_COUNT, [f"limit:client:{client_id}"], [most, CLIENT_SECONDS * 1000])
    if left:
        says = _("This client may send %(most)d requests a minute.") % {"most": most}
        raise RateLimitedError(says, retry_after=_seconds(left))


def count_try(client_id: int, member: str) -> None:
    """Count that a member tries a code.

    :raises LockedOutError: too many of the member's codes were refused lately
    :raises MemberLimitError: the member has tried too often
    :raises UnavailableError: Redis does not answer
    """
    limits = [MEMBER_TRIES.most, MEMBER_TRIES.seconds * 1000, MEMBER_REFUSALS.most]
    found, left = _run(_TRY, _member_keys(client_id, member), limits)
    if found == 1:
        says = _("Too many codes of this member were refused. Try again later.")
        raise LockedOutError(says, retry_after=_seconds(left))
    if found == 2:
        says = _("A member may try %(most)d codes in %(minutes)d minutes.") % {
            "most": MEMBER_TRIES.most,
            "minutes": MEMBER_TRIES.seconds // 60,
        }
        raise MemberLimitError(says, retry_after=_seconds(left))


def count_refusal(client_id: int, member: str) -> None:
    """Count that a member's code was refused; the next try sees it.

    :raises UnavailableError: Redis does not answer
    """
    refusals = _member_keys(client_id, member)[1]
    _run(_COUNT, [refusals], [MEMBER_REFUSALS.most, MEMBER_REFUSALS.seconds * 1000])


def count_wrong_key(address: str) -> None:
    """Count a key that opens nothing towards the address that sent it.

    :raises WrongKeysError: too many came from there
    :raises UnavailableError: Redis does not answer
    """
    left = _run(
        _COUNT, [f"limit:wrong-keys:{_digest(address)}"], [WRONG_KEYS.most, WRONG_KEYS.seconds * 1000]
    )
    if left:
        says = _("Too many keys that open nothing came from this address. Check the key of your program.")
        raise WrongKeysError(says, retry_after=_seconds(left))


def is_first_refusal(client_id: int) -> bool:
    """Count that a client called from a forbidden address, and say whether that is news.

    :raises UnavailableError: Redis does not answer
    """
    limits = [REFUSED_ADDRESSES.most, REFUSED_ADDRESSES.seconds * 1000]
    return not _run(_COUNT, [f"limit:refused-address:{client_id}"], limits)


def remember_signature(client_id: int, digest: bytes, *, seconds: int) -> bool:
    """Remember a signature for as long as it would be accepted; say whether it is new.

    :raises UnavailableError: Redis does not answer
    """
    return not _run(_COUNT, [f"signature:{client_id}:{digest.hex()}"], [1, seconds * 1000])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _member_keys(client_id: int, member: str) -> list[str]:
    # The reference is the brand's own and may be personal: Redis sees a digest. Braces keep both in one slot.
    place = f"{{{client_id}:{_digest(member)}}}"
    return [f"limit:tries:{place}", f"limit:refusals:{place}"]


def _seconds(milliseconds: int) -> int:
    return max(1, -(-milliseconds // 1000))


def _run(script: str, keys: list[str], arguments: list[int]) -> Any:
    prepared = _prepared(settings.REDIS_URL, script)
    try:
        return prepared(keys=keys, args=arguments)
    except RedisError as error:
        log.warning("engine.unavailable", engine="redis", reason=type(error).__name__)
        says = _("Limits cannot be checked just now, so nothing was done. Try again in a few seconds.")
        raise UnavailableError(says) from error


@cache
def _redis(url: str) -> Redis:
    return Redis.from_url(
        url,
        socket_timeout=settings.REDIS_TIMEOUT,
        socket_connect_timeout=settings.REDIS_TIMEOUT,
        # Once more at once: a connection that lay idle may have been closed by the other side.
        retry=Retry(NoBackoff(), 1),
    )


@cache
def _prepared(url: str, script: str) -> Any:
    return _redis(url).register_script(script)
