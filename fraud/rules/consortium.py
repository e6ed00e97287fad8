"""What is said between whoever screens and the registry of the consortium: no names, no dates, no amounts."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

# One request asks for so many applications at most.
MOST_QUESTIONS = 1_000


class Purpose(StrEnum):
    """Why somebody asks; there is no asking without an application."""

    SCREENING = "screening"
    RECHECK = "recheck"


class Tier(StrEnum):
    """How sure a match is. Weak ones are never shown."""

    STRONG = "strong"
    PROBABLE = "probable"
    WEAK = "weak"


class FraudType(StrEnum):
    IDENTITY_THEFT = "identity-theft"
    SYNTHETIC_IDENTITY = "synthetic-identity"
    FIRST_PARTY = "first-party"
    ACCOUNT_TAKEOVER = "account-takeover"
    MONEY_MULE = "money-mule"
    FORGED_DOCUMENT = "forged-document"
    OTHER = "other"


class RecordRole(StrEnum):
    """What the person of a record was in the fraud: a victim's details deserve care, not suspicion."""

    PERPETRATOR = "perpetrator"
    VICTIM = "victim"
    MULE = "mule"


class KindToken(Struct, frozen=True, array_like=True):
    """A screening token (16 bytes, the first half of the two keys) and the kind of element behind it."""

    kind: str
    token: bytes


class Question(Struct, frozen=True, kw_only=True):
    """Ask about one application, by its public id; the same id asked again counts once."""

    application: str
    purpose: Purpose = Purpose.SCREENING
    tokens: Annotated[tuple[KindToken, ...], Meta(max_length=150)]


class Hit(Struct, frozen=True, kw_only=True):
    """What a member may know of a record: never whose, when exactly, how much, or in what words."""

    tier: Tier
    # The kinds of elements that agreed, such as "sin" or "name-phone".
    kinds: tuple[str, ...]
    fraud_type: FraudType
    role: RecordRole
    # "2026-03".
    month: str
    # How many members know of it, in bands: "1-2", "3-5", "6+".
    members: str
    is_disputed: bool = False
    # The asking institution's own record, among others perhaps.
    is_own: bool = False


class Answer(Struct, frozen=True, kw_only=True):
    """What the registry knows about one application; no hits look like hits on the wire."""

    application: str
    hits: tuple[Hit, ...] = ()
