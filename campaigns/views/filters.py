"""The filters of lists; each offers what its reader may see."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from campaigns.models import Brand, Campaign, Market, Printer
from campaigns.queries.campaigns import campaigns
from campaigns.queries.parties import brands, markets, printers
from campaigns.rules.calendar import Phase
from campaigns.rules.states import BatchState
from portal.web.requests import actor_behind
from portal.web.states import look


def _markets(request: HttpRequest) -> QuerySet[Market]:
    return markets(actor_behind(request))


def _brands(request: HttpRequest) -> QuerySet[Brand]:
    return brands(actor_behind(request))


def _printers(request: HttpRequest) -> QuerySet[Printer]:
    return printers(actor_behind(request))


def _campaigns(request: HttpRequest) -> QuerySet[Campaign]:
    return campaigns(actor_behind(request))


def _phases() -> list[tuple[str, Any]]:
    return [(phase.value, look(phase)[1]) for phase in Phase]


def _states() -> list[tuple[str, Any]]:
    return [(state.value, look(state)[1]) for state in BatchState]


class CampaignFilters(django_filters.FilterSet):  # type: ignore[misc]
    """By phase, market and brand."""

    phase = django_filters.ChoiceFilter(field_name="phase_now", label=_("State"), choices=_phases)
    market = django_filters.ModelChoiceFilter(label=_("Market"), queryset=_markets, to_field_name="public_id")
    brand = django_filters.ModelChoiceFilter(label=_("Brand"), queryset=_brands, to_field_name="public_id")


class BatchFilters(django_filters.FilterSet):  # type: ignore[misc]
    """By state, campaign and printer."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=_states)
    campaign = django_filters.ModelChoiceFilter(
        label=_("Campaign"), queryset=_campaigns, to_field_name="public_id"
    )
    printer = django_filters.ModelChoiceFilter(
        label=_("Printer"), queryset=_printers, to_field_name="public_id"
    )


class BatchesOfOneFilters(django_filters.FilterSet):  # type: ignore[misc]
    """By state, where the campaign or printer is given already."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=_states)
