"""The canonical application: what every institution's schema is translated to, and all that screening reads."""

from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

# Counts up when a field changes its meaning; fields may be added under the same number.
VERSION = 1

Short = Annotated[str, Meta(max_length=64)]
Text = Annotated[str, Meta(max_length=200)]
# 10^15 minor units are more than any application; JavaScript and Excel keep such a number whole.
Minor = Annotated[int, Meta(ge=0, le=10**15)]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Country = Annotated[str, Meta(pattern="^[A-Z]{2}$")]
Digits = Annotated[str, Meta(pattern="^[0-9]{1,20}$")]


class Product(StrEnum):
    CREDIT_CARD = "credit-card"
    LOAN = "loan"
    LINE_OF_CREDIT = "line-of-credit"


class Channel(StrEnum):
    BRANCH = "branch"
    WEB = "web"
    MOBILE = "mobile"
    PHONE = "phone"
    PARTNER = "partner"
    OTHER = "other"


class PartyRole(StrEnum):
    MAIN = "main"
    JOINT = "joint"
    GUARANTOR = "guarantor"


class AddressKind(StrEnum):
    CURRENT = "current"
    PREVIOUS = "previous"


class PhoneKind(StrEnum):
    HOME = "home"
    MOBILE = "mobile"
    WORK = "work"


class Employment(StrEnum):
    EMPLOYED = "employed"
    SELF_EMPLOYED = "self-employed"
    STUDENT = "student"
    RETIRED = "retired"
    UNEMPLOYED = "unemployed"
    OTHER = "other"


class Address(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Where somebody lives or lived; `line` is street, number and unit as one writes them."""

    kind: AddressKind = AddressKind.CURRENT
    line: Text
    city: Text = ""
    # Two letters in Canada and the United States.
    province: Short = ""
    postal_code: Short = ""
    country: Country = "CA"


class Phone(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A telephone number in E.164, such as +15145550123."""

    kind: PhoneKind = PhoneKind.MOBILE
    number: Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{6,14}$")]


class BankAccount(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """An account by institution (3 digits in Canada), transit (5 digits) and number."""

    institution: Digits = ""
    transit: Digits = ""
    number: Digits


class Party(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A person of an application; what is not known is left out."""

    role: PartyRole = PartyRole.MAIN
    given_name: Text = ""
    middle_name: Text = ""
    family_name: Text
    birth_date: date | None = None
    # Nine digits in Canada (SIN), with a valid check digit.
    national_id: Annotated[str, Meta(pattern="^([0-9]{9})?$")] = ""
    addresses: Annotated[tuple[Address, ...], Meta(max_length=6)] = ()
    phones: Annotated[tuple[Phone, ...], Meta(max_length=6)] = ()
    emails: Annotated[tuple[Text, ...], Meta(max_length=4)] = ()
    employment: Employment | None = None
    employer: Text = ""
    occupation: Text = ""
    # Minor units a year, in the currency of the application.
    income: Minor | None = None
    bank_account: BankAccount | None = None


class Application(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """An application for credit; `reference` is the institution's own, unique there."""

    reference: Annotated[str, Meta(min_length=1, max_length=64)]
    product: Product
    channel: Channel = Channel.OTHER
    # Minor units.
    amount: Minor
    currency: Currency = "CAD"
    submitted_at: Annotated[datetime, Meta(tz=True)]
    # The first is the main applicant.
    parties: Annotated[tuple[Party, ...], Meta(min_length=1, max_length=6)]
    device_id: Text = ""
    ip_address: Annotated[str, Meta(max_length=45)] = ""

    @property
    def main(self) -> Party:
        return self.parties[0]


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Application)


def to_json(application: Application) -> bytes:
    """Write an application as canonical JSON: the same facts give the same bytes."""
    return _encoder.encode(application)


def from_json(document: bytes | str) -> Application:
    """Read canonical JSON.

    :raises msgspec.ValidationError: with the path of the first field that does not fit
    :raises msgspec.DecodeError: it is no JSON
    """
    return _decoder.decode(document)


def from_builtins(document: Any) -> Application:
    """Read an application from dicts, lists and strings, as JSON gives them.

    :raises msgspec.ValidationError: with the path of the first field that does not fit
    """
    return msgspec.convert(document, Application)


@cache
def json_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of a canonical application."""
    schema = msgspec.json.schema(Application)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Application {VERSION}",
        **schema,
    }
