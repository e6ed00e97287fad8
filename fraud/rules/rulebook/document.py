"""The rulebook document: rules of conditions, weights and reasons, and the scores from which an outcome holds."""

import hashlib
from enum import StrEnum
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, Struct

from fraud.rules.consortium import FraudType, RecordRole, Tier
from fraud.rules.decisions import Outcome
from fraud.rules.reasons import LONGEST_CODE
from portal.core.phrases import Phrase

VERSION = 1
# Bytes of JSON; a rulebook of 200 rules has a third of it.
LONGEST_DOCUMENT = 200_000
MOST_RULES = 200
MOST_NODES = 2_000
# A rule is at 1, what it combines at 2 and so on.
DEEPEST = 6
MOST_PARTS = 20
MOST_CHOICES = 30
HEAVIEST = 1_000

Name = Annotated[str, Meta(min_length=1, max_length=80)]
FieldName = Annotated[str, Meta(min_length=1, max_length=48)]
Text = Annotated[str, Meta(max_length=500)]
# JavaScript keeps such a number whole.
Number = Annotated[int, Meta(ge=-(10**15), le=10**15)]
Choice = Annotated[str, Meta(max_length=48)]
Choices = Annotated[tuple[Choice, ...], Meta(min_length=1, max_length=MOST_CHOICES)]
Literal: TypeAlias = bool | Number | Choice | Choices
Count = Annotated[int, Meta(ge=1, le=50)]


class Operator(StrEnum):
    """How a field is compared with a literal; nothing but IS_KNOWN is true of what is not known."""

    IS = "is"
    IS_NOT = "is-not"
    AT_LEAST = "at-least"
    AT_MOST = "at-most"
    MORE_THAN = "more-than"
    LESS_THAN = "less-than"
    IS_ONE_OF = "is-one-of"
    IS_KNOWN = "is-known"


class _Node(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="is"):
    pass


class Test(_Node, frozen=True, kw_only=True, tag="test"):
    """One field compared with a literal."""

    # Pytest takes classes of this name for its own.
    __test__ = False

    field: FieldName
    operator: Operator
    value: Literal = True


class All(_Node, frozen=True, kw_only=True, tag="all"):
    """Every part holds."""

    of: Annotated[tuple["Condition", ...], Meta(min_length=1, max_length=MOST_PARTS)]


class Any(_Node, frozen=True, kw_only=True, tag="any"):
    """At least so many parts hold."""

    of: Annotated[tuple["Condition", ...], Meta(min_length=1, max_length=MOST_PARTS)]
    at_least: Annotated[int, Meta(ge=1, le=MOST_PARTS)] = 1


class Not(_Node, frozen=True, kw_only=True, tag="not"):
    """The part does not hold."""

    of: "Condition"


class Links(_Node, frozen=True, kw_only=True, tag="links"):
    """Earlier applications with the same elements, added up over kinds, are at least so many."""

    kinds: Choices
    days: int
    at_least: Count = 1


class Hits(_Node, frozen=True, kw_only=True, tag="hits"):
    """The consortium's hits that fit are at least so many; an empty list fits everything."""

    tiers: tuple[Tier, ...] = ()
    fraud_types: tuple[FraudType, ...] = ()
    roles: tuple[RecordRole, ...] = ()
    # Months before the application was submitted.
    within_months: Annotated[int, Meta(ge=1, le=240)] | None = None
    with_disputed: bool = False
    at_least: Count = 1


Condition: TypeAlias = Test | All | Any | Not | Links | Hits


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is added to the score when a condition holds, and the reason that is then given."""

    name: Name
    when: Condition
    weight: Annotated[int, Meta(ge=-HEAVIEST, le=HEAVIEST)]
    # None for what speaks in an applicant's favour.
    reason: Annotated[str, Meta(max_length=LONGEST_CODE)] = ""
    note: Text = ""
    is_on: bool = True


class Bands(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The scores from which an application is reviewed and referred; below both it is clear."""

    review: Annotated[int, Meta(ge=1, le=1_000)] = 300
    refer: Annotated[int, Meta(ge=1, le=1_000)] = 600


class RulebookDocument(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole rulebook, in the order in which people read it; the order decides nothing."""

    version: Annotated[int, Meta(ge=VERSION, le=VERSION)] = VERSION
    rules: Annotated[tuple[Rule, ...], Meta(max_length=MOST_RULES)]
    bands: Bands = Bands()
    # The gravest outcome that evidence of the consortium reaches without any other.
    consortium_alone: Outcome = Outcome.REFER


class RulebookError(ValueError):
    """Refuse a document that is no rulebook; its words say where and why."""


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(RulebookDocument)


def to_json(document: RulebookDocument) -> bytes:
    """Write a rulebook as canonical JSON: the same rulebook gives the same bytes."""
    return _encoder.encode(document)


def from_json(text: bytes | str) -> RulebookDocument:
    """Read a rulebook; its shape alone, `problems_of` says whether it makes sense.

    :raises RulebookError: too long, no JSON, too deep, or of another shape
    """
    if len(text) > LONGEST_DOCUMENT:
        raise RulebookError(Phrase("A rulebook has at most {most} characters.", most=LONGEST_DOCUMENT))
    try:
        return _decoder.decode(text)
    except RecursionError as error:
        raise RulebookError(Phrase("The conditions are nested too deeply.")) from error
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeError) as error:
        raise RulebookError(Phrase("This is no rulebook: {reason}", reason=str(error))) from error


def checksum(document: RulebookDocument) -> str:
    """Give the SHA-256 of a rulebook's canonical JSON, in hexadecimal digits."""
    return hashlib.sha256(to_json(document)).hexdigest()
