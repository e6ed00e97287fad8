"""Setting institutions up, and changing what screening needs to know of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from django.db import transaction
from django.utils.translation import gettext as _

from fraud.models import ClientLayout, Institution
from fraud.queries.layouts import client_layouts, current_layout
from portal.accounts.actors import Actor, permit
from portal.accounts.models.people import LANGUAGES
from portal.accounts.operations.people import AlreadyThereError
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked, refusing
from portal.core.errors import InvalidError
from portal.core.ids import new_id

SHORTEST_BUDGET, LONGEST_BUDGET = 50, 30_000
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,23}")


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionFacts:
    """What an institution is set up with; `currency` is ISO 4217, `time_zone` IANA, `time_budget` milliseconds."""

    name: str
    code: str
    time_zone: str
    currency: str
    language: str
    time_budget: int = 1_500


@transaction.atomic(durable=True)
def create_institution(facts: InstitutionFacts, *, by: Actor, now: datetime) -> Institution:
    """Set up an institution; its keys are made when its first application arrives.

    :raises InvalidError: an unknown time zone, a currency that is not three letters, a budget out of bounds
    :raises AlreadyThereError: the name or code is taken
    """
    permit(by, Act.INSTITUTION_EDIT, {})
    institution = Institution(public_id=new_id("ins"), kind=Institution.KIND)
    _write(institution, facts)
    record(by, "institution.created", institution, now=now)
    return institution


@transaction.atomic(durable=True)
def change_institution(
    institution: Institution, facts: InstitutionFacts, *, by: Actor, now: datetime
) -> Institution:
    """Change an institution; what was screened before stays as it is.

    :raises InvalidError: as for a new one
    """
    permit(by, Act.INSTITUTION_EDIT, {})
    institution = locked(Institution, institution)
    _write(institution, facts)
    record(by, "institution.changed", institution, now=now)
    return institution


@transaction.atomic(durable=True)
def set_default_layouts(
    institution: Institution, layout: str, by_client: Mapping[int, str], *, by: Actor, now: datetime
) -> Institution:
    """Say by which mappings files are read whose sender names none: of all, and of single API clients by their rows.

    "" is canonical JSON Lines, and for a client what counts for all.

    :raises InvalidError: no mapping for files is published under a name, or a client is none of the institution's
    """
    permit(by, Act.INSTITUTION_EDIT, institution.place)
    institution = locked(Institution, institution)
    for field, name in [("layout", layout), *((f"client_{pk}", each) for pk, each in by_client.items())]:
        _check_layout(institution, field, name)
    own = {client.pk for client, _layout in client_layouts(institution)}
    if not own >= by_client.keys():
        raise InvalidError.of("layout", _("This client sends no files for this institution."))
    institution.default_layout = layout
    institution.save(update_fields=["default_layout"])
    ClientLayout.objects.filter(institution=institution).delete()
    ClientLayout.objects.bulk_create(
        ClientLayout(institution=institution, client_id=pk, layout=name)
        for pk, name in by_client.items()
        if name
    )
    record(by, "institution.layouts_changed", institution, now=now, layout=layout)
    return institution


def _check_layout(institution: Institution, field: str, name: str) -> None:
    if not name:
        return
    try:
        current_layout(institution, name)
    except InvalidError as error:
        raise InvalidError.of(field, error.fields["layout"]) from None


def _write(institution: Institution, facts: InstitutionFacts) -> None:
    _check(facts)
    institution.name, institution.code = facts.name.strip(), facts.code.lower()
    institution.time_zone, institution.currency = facts.time_zone, facts.currency.upper()
    institution.language, institution.time_budget = facts.language, facts.time_budget
    name_taken = _("This name is taken.")
    code_taken = _("The code %(code)s is taken.") % {"code": institution.code}
    with (
        refusing(
            "one_name_per_kind_of_organization", AlreadyThereError(name_taken, fields={"name": name_taken})
        ),
        refusing("fraud_institution_code_key", AlreadyThereError(code_taken, fields={"code": code_taken})),
    ):
        institution.save()


def _check(facts: InstitutionFacts) -> None:
    if not facts.name.strip():
        raise InvalidError.of("name", _("Enter a name."))
    if not _CODE.fullmatch(facts.code.lower()):
        raise InvalidError.of("code", _("Use letters, digits and hyphens, 24 at most."))
    if facts.time_zone not in available_timezones():
        raise InvalidError.of("time_zone", _("This is no IANA time zone, such as America/Toronto."))
    if not (len(facts.currency) == 3 and facts.currency.isascii() and facts.currency.isalpha()):
        raise InvalidError.of("currency", _("Enter the three letters of the currency, such as CAD."))
    if facts.language not in dict(LANGUAGES):
        raise InvalidError.of("language", _("Choose one of the languages of the portal."))
    if not SHORTEST_BUDGET <= facts.time_budget <= LONGEST_BUDGET:
        raise InvalidError.of("time_budget", _("Enter 50 to 30,000 milliseconds."))
