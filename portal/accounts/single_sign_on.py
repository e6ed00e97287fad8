"""Finding the provider for an address, and reading what its claims mean here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal.accounts.actors import Actor
from portal.accounts.models import SingleSignOn, User
from portal.accounts.oidc import SignOnError
from portal.accounts.roles import Act, Role
from portal.crypto.sealing import Place
from portal.keys.sealed import open_for_platform

# How sessions and the trail call this way of signing in.
METHOD = "single-sign-on"
_LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class Claims:
    """What an organization's provider says of a person."""

    subject: str
    email: str
    name: str
    roles: frozenset[Role]
    has_second_factor: bool


def single_sign_ons(actor: Actor) -> QuerySet[SingleSignOn]:
    """List the providers that the actor may see, with their organizations and domains."""
    found = SingleSignOn.objects.filter(actor.scope(Act.PERSON_EDIT))
    return (
        found.select_related("organization").prefetch_related("domains").order_by("organization__name", "pk")
    )


def single_sign_on_for(email: str) -> SingleSignOn | None:
    """Find the provider in use that speaks for an address; its domain alone decides, whoever may have it."""
    domain = email.strip().rpartition("@")[2].lower()
    return (
        SingleSignOn.objects.filter(domains__name=domain, is_on=True).select_related("organization").first()
    )


def must_sign_on(user: User) -> bool:
    """Say whether a person belongs to one organization alone, which wants them to come by its provider."""
    places = list(user.memberships.values_list("organization", flat=True).distinct())
    return len(places) == 1 and SingleSignOn.objects.filter(organization=places[0], is_enforced=True).exists()


def secret_of(single_sign_on: SingleSignOn) -> str:
    """Open the secret that we show to the provider.

    :raises portal.core.errors.UnavailableError: the keys are out of reach
    """
    sealed = bytes(single_sign_on.client_secret)
    return open_for_platform(sealed, place=secret_place(single_sign_on)).decode()


def secret_place(single_sign_on: SingleSignOn) -> Place:
    """Say where that secret lies."""
    return Place("accounts_singlesignon", "client_secret", single_sign_on.public_id)


def read_claims(single_sign_on: SingleSignOn, told: Mapping[str, Any]) -> Claims:
    """Read verified claims: whose they are, within the organization's domains, and which roles they mean.

    :raises SignOnError: no address, or one for which this provider may not speak
    """
    subject, email = told.get("sub"), told.get("email")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise SignOnError("subject")
    if not isinstance(email, str) or told.get("email_verified", True) is not True:
        raise SignOnError(
            "address",
            _("Your organization's sign-in names no address of yours that it has checked. Tell an operator."),
        )
    address = email.strip().lower()
    if not single_sign_on.domains.filter(name=address.rpartition("@")[2]).exists():
        raise SignOnError(
            "domain", _("Your organization's sign-in named an address outside its domains. Tell an operator.")
        )
    name = told.get("name")
    return Claims(
        subject=subject,
        email=address,
        name=(name if isinstance(name, str) else "").strip()[:100] or address[:100],
        roles=_roles(single_sign_on, told),
        has_second_factor=_has_second_factor(single_sign_on, told),
    )


def _roles(single_sign_on: SingleSignOn, told: Mapping[str, Any]) -> frozenset[Role]:
    groups = _words(told.get(single_sign_on.roles_claim))
    return frozenset(Role(single_sign_on.roles[group]) for group in groups if group in single_sign_on.roles)


def _has_second_factor(single_sign_on: SingleSignOn, told: Mapping[str, Any]) -> bool:
    said = _words(told.get("amr")) | _words(told.get("acr"))
    return bool(said & set(single_sign_on.second_factor_claims))


def _words(claim: object) -> set[str]:
    """Read a claim that is one word or a list of them; anything else says nothing."""
    listed = claim if isinstance(claim, list) else [claim]
    return {word for word in listed if isinstance(word, str)}
