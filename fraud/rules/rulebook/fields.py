"""The catalogue of what a rulebook can ask about: every fact of an application, with its type and its words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from fraud.rules.canonical import Channel, Employment, Product
from fraud.rules.consortium import FraudType, RecordRole, Tier
from fraud.rules.watching import WatchList
from portal.core.phrases import Phrase

# What a fact may be. None is "not known", of which every comparison is untrue.
Value: TypeAlias = bool | int | str | None
# Every field of the catalogue with its value, and the consortium's hits under HITS.
Facts: TypeAlias = Mapping[str, Any]
HITS = "hits"

# Counts of what came before end here: 50 is 50 or more, so that a shared place costs no more than a person.
MOST_COUNTED = 50
WINDOWS = (1, 7, 30, 90)


class FieldType(StrEnum):
    """What values a field has, which decides the operators that fit."""

    BOOLEAN = "boolean"
    # A whole number: counts, years, minor units, percents.
    NUMBER = "number"
    # One of a closed list.
    CHOICE = "choice"


class Group(StrEnum):
    """Where a fact comes from."""

    APPLICATION = "application"
    CHECKS = "checks"
    HISTORY = "history"
    CONSORTIUM = "consortium"
    WATCH_LISTS = "watch-lists"


GROUP_NAMES: Mapping[Group, Phrase] = {
    Group.APPLICATION: Phrase("Application"),
    Group.CHECKS: Phrase("Checks"),
    Group.HISTORY: Phrase("Earlier applications"),
    Group.CONSORTIUM: Phrase("Consortium"),
    Group.WATCH_LISTS: Phrase("Watch lists"),
}


class SeenHit(NamedTuple):
    """A hit of the consortium as rules count it; `months` before the application was submitted."""

    tier: Tier
    fraud_type: FraudType
    role: RecordRole
    months: int
    is_disputed: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One fact: its name in documents, its type, its words, and what it is when nothing speaks for it."""

    name: str
    type: FieldType
    group: Group
    title: Phrase
    blank: Value
    choices: tuple[str, ...] = ()
    # What the title leaves open.
    meaning: str = ""


# Kinds of elements (fraud.rules.elements, without version, "-" written "_") that are counted, and their words.
COUNTED: Mapping[str, Phrase] = {
    "sin": Phrase("social insurance number"),
    "phone": Phrase("phone number"),
    "email": Phrase("e-mail address"),
    "device": Phrase("device"),
    "address": Phrase("street address"),
    "account": Phrase("bank account"),
    "ip": Phrase("IP address"),
    "name_birth": Phrase("name and birth date"),
}
# What is somebody's own.
PERSONAL = ("sin", "account", "name_birth")
# What people share now and then, and rings share often.
LINKING = ("phone", "email", "device", "address", "account")

_G, _T = Group, FieldType
SIN_KINDS = ("resident", "temporary", "tax-number", "business")


def counted_name(kind: str, days: int) -> str:
    """Name the field that counts earlier applications with the same element within so many days."""
    return f"same_{kind}_{days}d"


def other_sins_name(kind: str) -> str:
    """Name the field that counts the other social insurance numbers seen with an element in 90 days."""
    return f"{kind}_other_sins"


def hits_name(fraud_type: FraudType) -> str:
    """Name the field that counts the consortium's hits of a type."""
    return f"hits_{fraud_type.replace('-', '_')}"


def watch_name(listed: WatchList) -> str:
    """Name the field that counts what is on a watch list."""
    return f"watch_{listed.replace('-', '_')}"


def _boolean(name: str, group: Group, title: Phrase, meaning: str = "") -> Field:
    return Field(name, _T.BOOLEAN, group, title, blank=False, meaning=meaning)


def _count(name: str, group: Group, title: Phrase, meaning: str = "") -> Field:
    return Field(name, _T.NUMBER, group, title, 0, meaning=meaning)


def _number(name: str, group: Group, title: Phrase, meaning: str = "") -> Field:
    return Field(name, _T.NUMBER, group, title, None, meaning=meaning)


def _choice(name: str, group: Group, title: Phrase, choices: tuple[str, ...]) -> Field:
    return Field(name, _T.CHOICE, group, title, None, choices)


def _application() -> Iterator[Field]:
    group = _G.APPLICATION
    yield _choice("product", group, Phrase("Product"), tuple(Product))
    yield _choice("channel", group, Phrase("Channel"), tuple(Channel))
    yield _number("amount", group, Phrase("Amount asked for"), Phrase("In minor units, such as cents."))
    yield _count("parties", group, Phrase("People on the application"))
    yield _number("age", group, Phrase("Age of the main applicant"), Phrase("Whole years."))
    yield _choice("employment", group, Phrase("Employment of the main applicant"), tuple(Employment))
    yield _number("income", group, Phrase("Income a year"), Phrase("In minor units, such as cents."))
    yield _number("amount_to_income", group, Phrase("Amount as a share of a year's income, in percent"))
    yield _boolean("has_sin", group, Phrase("A social insurance number is given"))
    yield _boolean("has_phone", group, Phrase("A phone number is given"))
    yield _boolean("has_email", group, Phrase("An e-mail address is given"))
    yield _boolean("has_bank_account", group, Phrase("A bank account is given"))


def _checks() -> Iterator[Field]:
    group = _G.CHECKS
    yield _choice("sin_kind", group, Phrase("Series of the social insurance number"), SIN_KINDS)
    yield _boolean("phone_province_differs", group, Phrase("Area code of another province than the address"))
    yield _boolean(
        "postal_province_differs", group, Phrase("Postal code of another province than the address")
    )
    yield _boolean("phone_is_foreign", group, Phrase("A phone number from abroad"))
    yield _boolean("address_is_foreign", group, Phrase("An address abroad"))
    yield _boolean("address_is_po_box", group, Phrase("The address is a post office box"))
    yield _boolean("email_is_disposable", group, Phrase("A throw-away e-mail address"))
    yield _boolean("is_minor", group, Phrase("Somebody on the application is under 18"))
    yield _boolean("age_is_unlikely", group, Phrase("An age over 105, or a birth date to come"))
    yield _boolean("employment_unlikely_for_age", group, Phrase("Employment that seldom goes with the age"))
    yield _boolean("income_unlikely", group, Phrase("Income that seldom goes with the employment"))
    yield _boolean("parties_share_sin", group, Phrase("Two people with one social insurance number"))


def _history() -> Iterator[Field]:
    group = _G.HISTORY
    for kind, words in COUNTED.items():
        for days in WINDOWS:
            title = Phrase(
                "Earlier applications with the same {element}, {days} days", element=words, days=days
            )
            yield _count(counted_name(kind, days), group, title, Phrase("Counted up to 50."))
    for kind in LINKING:
        title = Phrase(
            "Other social insurance numbers with the same {element}, 90 days", element=COUNTED[kind]
        )
        yield _count(other_sins_name(kind), group, title)
    yield _count(
        "sin_birth_dates_differ",
        group,
        Phrase("Earlier applications with the same social insurance number and another birth date"),
    )
    yield _count(
        "earlier_frauds", group, Phrase("Earlier applications of the same person that were found to be fraud")
    )
    yield _count(
        "linked_frauds", group, Phrase("Frauds with the same phone, e-mail, device or street address")
    )


def _consortium() -> Iterator[Field]:
    group = _G.CONSORTIUM
    yield _boolean("consortium_answered", group, Phrase("The consortium has answered"))
    yield _count("strong_hits", group, Phrase("Strong hits"), Phrase("Undisputed, of fraudsters and mules."))
    yield _count(
        "probable_hits", group, Phrase("Probable hits"), Phrase("Undisputed, of fraudsters and mules.")
    )
    yield _count("disputed_hits", group, Phrase("Disputed hits"))
    yield _count(
        "victim_hits", group, Phrase("Hits of victims"), Phrase("Somebody's details were misused before.")
    )
    yield _count("own_hits", group, Phrase("Hits of your own records"))
    for fraud_type in FraudType:
        title = Phrase("Hits of type {type}", type=FRAUD_TYPE_NAMES[fraud_type])
        yield _count(hits_name(fraud_type), group, title)
    yield _number("newest_hit_months", group, Phrase("Months since the newest hit"))


def _watch_lists() -> Iterator[Field]:
    for listed in WatchList:
        title = Phrase("Elements on the list {list}", list=WATCH_LIST_NAMES[listed])
        yield _count(watch_name(listed), _G.WATCH_LISTS, title)


FRAUD_TYPE_NAMES: Mapping[FraudType, Phrase] = {
    FraudType.IDENTITY_THEFT: Phrase("identity theft"),
    FraudType.SYNTHETIC_IDENTITY: Phrase("synthetic identity"),
    FraudType.FIRST_PARTY: Phrase("first-party fraud"),
    FraudType.ACCOUNT_TAKEOVER: Phrase("account takeover"),
    FraudType.MONEY_MULE: Phrase("money mule"),
    FraudType.FORGED_DOCUMENT: Phrase("forged document"),
    FraudType.OTHER: Phrase("other fraud"),
}
WATCH_LIST_NAMES: Mapping[WatchList, Phrase] = {
    WatchList.KNOWN_FRAUD: Phrase("Known fraud"),
    WatchList.SUSPECT: Phrase("Suspect"),
    WatchList.TRUSTED: Phrase("Trusted"),
}


def _catalogue() -> Iterator[Field]:
    yield from _application()
    yield from _checks()
    yield from _history()
    yield from _consortium()
    yield from _watch_lists()


FIELDS: Mapping[str, Field] = MappingProxyType({field.name: field for field in _catalogue()})
# Every field as it is when nothing speaks for it; to be copied, never changed.
BLANK: MappingProxyType[str, Any] = MappingProxyType(
    {field.name: field.blank for field in FIELDS.values()} | {HITS: ()}
)
# The consortium's part of it.
NO_EVIDENCE: Mapping[str, Any] = MappingProxyType(
    {
        field.name: field.blank
        for field in FIELDS.values()
        # That it answered is no evidence: a rule about its silence must not speak when only its hits are left out.
        if field.group is Group.CONSORTIUM and field.name != "consortium_answered"
    }
    | {HITS: ()}
)
