"""Tokens of what somebody types to find an applicant again or to watch for: the same that intake makes."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from fraud.models import Institution
from fraud.rules.canonical import Application, from_builtins
from fraud.rules.elements import ElementKind, own_elements
from portal.keys.sealed import scope_token

KINDS = {"national_id": ElementKind.SIN, "phone": ElementKind.PHONE, "email": ElementKind.EMAIL}
# What is typed to watch for each kind that institutions keep.
WATCHED: Mapping[ElementKind, tuple[str, ...]] = {
    ElementKind.SIN: ("national_id",),
    ElementKind.SIN_BIRTH: ("national_id", "birth_date"),
    ElementKind.NAME_BIRTH: ("given_name", "family_name", "birth_date"),
    ElementKind.PHONE: ("phone",),
    ElementKind.EMAIL: ("email",),
    ElementKind.ADDRESS: ("line", "city", "postal_code"),
    ElementKind.ACCOUNT: ("bank", "transit", "account"),
    ElementKind.DEVICE: ("device_id",),
    ElementKind.IP: ("ip_address",),
}
# Of the application, and not of a person.
_ALONE = {"device_id", "ip_address"}
_NORTH_AMERICAN = 10


def tokens_of_typed(institutions: Iterable[Institution], what: str, value: str) -> dict[int, set[bytes]]:
    """Give the tokens of a typed value under the key of each institution; none for what cannot be one.

    *what*: "national_id", "phone" or "email".
    """
    application = _bearing(what, value)
    if application is None:
        return {}
    values = {each.value for each in own_elements(application) if each.kind == KINDS[what]}
    return {
        institution.pk: {scope_token(institution.scope, str(KINDS[what]), each) for each in values}
        for institution in institutions
        if values
    }


def _bearing(what: str, value: str) -> Application | None:
    """Make an application that has nothing but the typed value, so that it is spelled as any other."""
    return _made(_party({what: value}), {})


def tokens_of_fields(institution: Institution, kind: ElementKind, fields: Mapping[str, Any]) -> set[bytes]:
    """Give the tokens of one kind under an institution's key, of what somebody typed; none for what cannot be one.

    *fields*: by the names of `WATCHED`.
    """
    application = _made(_party(fields), {name: fields[name].strip() for name in _ALONE & fields.keys()})
    if application is None:
        return set()
    values = {each.value for each in own_elements(application) if each.kind is kind}
    return {scope_token(institution.scope, str(kind), value) for value in values}


def _party(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Write what is known of a person as JSON has it."""
    party: dict[str, Any] = {"family_name": ""}
    party |= {name: fields[name] for name in ("given_name", "family_name") if name in fields}
    if fields.get("birth_date"):
        party["birth_date"] = fields["birth_date"].isoformat()
    if "national_id" in fields:
        party["national_id"] = _digits(fields["national_id"])
    if "phone" in fields:
        party["phones"] = [{"number": _e164(fields["phone"])}]
    if "email" in fields:
        party["emails"] = [fields["email"].strip()]
    if "line" in fields:
        party["addresses"] = [
            {name: fields.get(name, "").strip() for name in ("line", "city", "postal_code")}
        ]
    if "account" in fields:
        numbers = {"institution": "bank", "transit": "transit", "number": "account"}
        party["bank_account"] = {name: _digits(fields[field]) for name, field in numbers.items()}
    return party


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def _e164(text: str) -> str:
    digits = _digits(text)
    is_local = len(digits) == _NORTH_AMERICAN and not text.strip().startswith("+")
    return f"+{'1' if is_local else ''}{digits}"


def _made(party: Mapping[str, Any], alone: Mapping[str, str]) -> Application | None:
    facts = {"reference": "look-up", "product": "loan", "amount": 0, "submitted_at": "2026-01-01T00:00:00Z"}
    try:
        return from_builtins({**facts, **alone, "parties": [dict(party)]})
    except msgspec.ValidationError:
        return None
