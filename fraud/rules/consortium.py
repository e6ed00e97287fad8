"""What is said between whoever screens and the registry of the consortium: no names, no dates, no amounts."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

# One request asks for so many applications at most.
MOST_QUESTIONS = 1_000


# Public ids, and months such as "2026-03".
Id = Annotated[str, Meta(pattern="^[a-z]{3}_[0-9a-z]{4,28}$")]
Month = Annotated[str, Meta(pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$")]


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

    kind: Annotated[str, Meta(max_length=24, pattern=r"^[a-z][a-z0-9.-]*$")]
    token: Annotated[bytes, Meta(min_length=16, max_length=16)]
    # Which person of the application: what two of them share with a record is not added up.
    party: Annotated[int, Meta(ge=0, le=15)] = 0


Tokens = Annotated[tuple[KindToken, ...], Meta(max_length=150)]


class Question(Struct, frozen=True, kw_only=True):
    """Ask about one application, by its public id; the same id asked again counts once."""

    application: Id
    purpose: Purpose = Purpose.SCREENING
    tokens: Tokens


class Hit(Struct, frozen=True, kw_only=True):
    """What a member may know of a record: never whose, when exactly, how much, or in what words."""

    tier: Tier
    # The kinds of elements that agreed, such as "sin" or "name-phone".
    kinds: tuple[str, ...]
    fraud_type: FraudType
    role: RecordRole
    # "2026-03".
    month: Month
    # How many members know of it, in bands: "1-2", "3-5", "6+".
    members: str
    is_disputed: bool = False
    # The asking institution's own record, among others perhaps.
    is_own: bool = False


class Answer(Struct, frozen=True, kw_only=True):
    """What the registry knows about one application; no hits look like hits on the wire."""

    application: str
    hits: tuple[Hit, ...] = ()


class Inquiry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One request of one member: who asks (its public id), and about which applications."""

    institution: Id
    questions: Annotated[tuple[Question, ...], Meta(min_length=1, max_length=MOST_QUESTIONS)]


class Answers(Struct, frozen=True, kw_only=True):
    """The answers of one request, in the order of its questions."""

    answers: tuple[Answer, ...]


class Proof(StrEnum):
    """How sure the contributor was: the standard of proof that its form states."""

    # A court or the person's own word.
    ESTABLISHED = "established"
    # Documents or systems show it, and two analysts agreed.
    EVIDENCED = "evidenced"


class Facts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a record says: no name, no day, no amount, no text."""

    fraud_type: FraudType
    role: RecordRole
    # When it was confirmed.
    month: Month
    proof: Proof = Proof.EVIDENCED


class Report(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A known fraud, told by a member under its own id: told twice, it is one record."""

    contribution: Id
    institution: Id
    facts: Facts
    tokens: Tokens
    # The application that it was found in: who told of it needs no notice of their own.
    application: Id | None = None


class Reports(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Known frauds by the thousand, such as an existing file of a consortium; each as by itself."""

    reports: Annotated[tuple[Report, ...], Meta(min_length=1, max_length=MOST_QUESTIONS)]


class Imported(Struct, frozen=True, kw_only=True):
    """How many of some reports were new, and the contributions that no record can be made of."""

    new: int
    refused: tuple[str, ...] = ()


class RecordChange(StrEnum):
    CORRECT = "correct"
    # Anybody may doubt a record: it is shown as disputed until its contributor upholds or retracts it.
    DISPUTE = "dispute"
    UPHOLD = "uphold"
    RETRACT = "retract"


class Change(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of a record: corrected needs *facts*, the others nothing but the change itself."""

    record: Id
    institution: Id
    change: RecordChange
    facts: Facts | None = None


class Withdrawal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take back a contribution of which nobody knows whether it arrived: if it comes later, it is not a record."""

    contribution: Id
    institution: Id
    facts: Facts


class Registered(Struct, frozen=True, kw_only=True):
    """A record by its public id, and whether this very request made or changed it."""

    record: str
    is_new: bool


class NoticeKind(StrEnum):
    """Why an earlier answer is no longer what it was."""

    # A record came, or was corrected, that the application agrees with.
    RETRO_HIT = "retro-hit"
    # A record that it agreed with is gone.
    RETRACTION = "retraction"


class Notice(Struct, frozen=True, kw_only=True):
    """News about an earlier application, with the whole of what is known about it now."""

    id: int
    institution: str
    kind: NoticeKind
    answer: Answer


class Notices(Struct, frozen=True, kw_only=True):
    """Notices in their order; what is not acknowledged comes again."""

    notices: tuple[Notice, ...] = ()


class Acknowledgement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The notices that have been worked off."""

    notices: Annotated[tuple[int, ...], Meta(max_length=MOST_QUESTIONS)]
