"""The kinds of elements by which people are found again, and what each of them rests on."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Attribute(StrEnum):
    """One thing that is known of a person; elements are made of one or several."""

    SIN = "sin"
    ACCOUNT = "account"
    GIVEN = "given"
    FAMILY = "family"
    BIRTH = "birth"
    PHONE = "phone"
    EMAIL = "email"
    CIVIC = "civic"
    POSTAL = "postal"
    STREET = "street"
    DEVICE = "device"
    IP = "ip"


class ElementKind(StrEnum):
    """What an element is, with the version of how it is spelled: a kind that is spelled anew is a new kind.

    Names are as they sound, and in no order; a birth date is its year with day and month in no order if both could be
    a month: so swapped ones meet by one element instead of two.
    """

    SIN = "sin.1"
    ACCOUNT = "account.1"
    NAME_BIRTH = "name-birth.1"
    FAMILY_BIRTH_POSTAL = "family-birth-postal.1"
    GIVEN_BIRTH_POSTAL = "given-birth-postal.1"
    BIRTH_PHONE = "birth-phone.1"
    BIRTH_EMAIL = "birth-email.1"
    NAME_PHONE = "name-phone.1"
    NAME_EMAIL = "name-email.1"
    NAME_CIVIC_POSTAL = "name-civic-postal.1"
    # An institution's own, never for the consortium.
    SIN_BIRTH = "sin-birth.1"
    PHONE = "phone.1"
    EMAIL = "email.1"
    ADDRESS = "address.1"
    DEVICE = "device.1"
    IP = "ip.1"


_A, _K = Attribute, ElementKind

ATTRIBUTES: Mapping[ElementKind, frozenset[Attribute]] = MappingProxyType(
    {
        _K.SIN: frozenset({_A.SIN}),
        _K.ACCOUNT: frozenset({_A.ACCOUNT}),
        _K.NAME_BIRTH: frozenset({_A.GIVEN, _A.FAMILY, _A.BIRTH}),
        _K.FAMILY_BIRTH_POSTAL: frozenset({_A.FAMILY, _A.BIRTH, _A.POSTAL}),
        _K.GIVEN_BIRTH_POSTAL: frozenset({_A.GIVEN, _A.BIRTH, _A.POSTAL}),
        _K.BIRTH_PHONE: frozenset({_A.BIRTH, _A.PHONE}),
        _K.BIRTH_EMAIL: frozenset({_A.BIRTH, _A.EMAIL}),
        _K.NAME_PHONE: frozenset({_A.GIVEN, _A.FAMILY, _A.PHONE}),
        _K.NAME_EMAIL: frozenset({_A.GIVEN, _A.FAMILY, _A.EMAIL}),
        _K.NAME_CIVIC_POSTAL: frozenset({_A.GIVEN, _A.FAMILY, _A.CIVIC, _A.POSTAL}),
        _K.SIN_BIRTH: frozenset({_A.SIN, _A.BIRTH}),
        _K.PHONE: frozenset({_A.PHONE}),
        _K.EMAIL: frozenset({_A.EMAIL}),
        _K.ADDRESS: frozenset({_A.CIVIC, _A.STREET, _A.POSTAL}),
        _K.DEVICE: frozenset({_A.DEVICE}),
        _K.IP: frozenset({_A.IP}),
    }
)

# One of these is enough.
STRONG_KINDS = frozenset({_K.SIN, _K.ACCOUNT})

# What may leave for the consortium: strong ones, and those of several attributes of which none can be tried out alone.
REGISTRY_KINDS = STRONG_KINDS | {
    _K.NAME_BIRTH,
    _K.FAMILY_BIRTH_POSTAL,
    _K.GIVEN_BIRTH_POSTAL,
    _K.BIRTH_PHONE,
    _K.BIRTH_EMAIL,
    _K.NAME_PHONE,
    _K.NAME_EMAIL,
    _K.NAME_CIVIC_POSTAL,
}

# By which an institution counts what comes again among its own.
OWN_KINDS = frozenset(
    {
        _K.SIN,
        _K.SIN_BIRTH,
        _K.ACCOUNT,
        _K.NAME_BIRTH,
        _K.PHONE,
        _K.EMAIL,
        _K.ADDRESS,
        _K.DEVICE,
        _K.IP,
    }
)

# What several people share without having anything to do with each other.
PLACE_KINDS = frozenset({_K.ADDRESS, _K.IP})

# Twins share name, birth date, home and telephone, but neither of these.
_NOT_OF_TWINS = frozenset({_A.GIVEN, _A.EMAIL, _A.SIN, _A.ACCOUNT})
# A father and son of one name share home and telephone, but none of these.
_NOT_OF_NAMESAKES = frozenset({_A.BIRTH, _A.EMAIL, _A.SIN, _A.ACCOUNT})


def are_independent(one: ElementKind, other: ElementKind) -> bool:
    """Say whether two kinds, each knowing something of its own, tell one person from others of the household."""
    left, right = ATTRIBUTES[one], ATTRIBUTES[other]
    both = left | right
    return not (
        left <= right or right <= left or both.isdisjoint(_NOT_OF_TWINS) or both.isdisjoint(_NOT_OF_NAMESAKES)
    )


def bare(kind: ElementKind) -> str:
    """Give the name of a kind without its version, as people are told it: "name-phone"."""
    return kind.rpartition(".")[0]
