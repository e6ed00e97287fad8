"""Tokens of what somebody types to find an applicant again: the same that intake makes of the same number."""

from collections.abc import Iterable

import msgspec

from fraud.models import Institution
from fraud.rules.canonical import Application, from_builtins
from fraud.rules.elements import ElementKind, own_elements
from portal.keys.sealed import scope_token

KINDS = {"national_id": ElementKind.SIN, "phone": ElementKind.PHONE, "email": ElementKind.EMAIL}
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
    party: dict[str, object] = {"family_name": ""}
    digits = "".join(character for character in value if character.isdigit())
    if what == "national_id":
        party["national_id"] = digits
    elif what == "phone":
        is_local = len(digits) == _NORTH_AMERICAN and not value.strip().startswith("+")
        party["phones"] = [{"number": f"+{'1' if is_local else ''}{digits}"}]
    else:
        party["emails"] = [value.strip()]
    facts = {"reference": "look-up", "product": "loan", "amount": 0, "submitted_at": "2026-01-01T00:00:00Z"}
    try:
        return from_builtins({**facts, "parties": [party]})
    except msgspec.ValidationError:
        return None
