"""Setting institutions up, and changing what screening needs to know of them."""

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from django.db import transaction
from django.utils.translation import gettext as _

from fraud.models import Institution
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
