"""What the queue of cases can be narrowed by; each choice stays in the address, to be kept and shared."""

from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, pgettext_lazy

from fraud.models import Case, Institution
from fraud.queries.cases import SHOWN_TIERS, known_as, no_consortium_hit
from fraud.queries.institutions import institutions
from fraud.rules.cases import WAITING, CaseState, Verdict
from fraud.rules.consortium import Tier
from fraud.views.words import ORIGINS, PRODUCTS, REASON_TAGS, TIERS
from portal.accounts.roles import Act
from portal.core import clock
from portal.web.lists import ALL
from portal.web.requests import actor_behind
from portal.web.states import look

_AGES = (
    ("1", gettext_lazy("More than a day")),
    ("3", gettext_lazy("More than 3 days")),
    ("7", gettext_lazy("More than a week")),
)
_SCORES = (("900", "≥ 900"), ("700", "≥ 700"), ("500", "≥ 500"), ("below-500", "< 500"))
# Minor units; of whichever currency, as the list shows them.
_AMOUNTS = (
    ("below-1000000", gettext_lazy("Below 10,000")),
    ("1000000", gettext_lazy("10,000 or more")),
    ("5000000", gettext_lazy("50,000 or more")),
)
_WHOSE = (
    ("me", pgettext_lazy("whose case", "Mine")),
    ("nobody", pgettext_lazy("whose case", "Nobody’s")),
    ("others", pgettext_lazy("whose case", "Somebody else’s")),
)
_NO_TIER = "none"


def _institutions(request: HttpRequest) -> QuerySet[Institution]:
    return institutions(actor_behind(request), Act.CASE_READ)


def _states() -> list[tuple[str, Any]]:
    return [(state.value, look(state)[1]) for state in CaseState]


def _verdicts() -> list[tuple[str, Any]]:
    return [(verdict.value, look(verdict)[1]) for verdict in Verdict]


def _bounded(rows: QuerySet[Case], path: str, wanted: str) -> QuerySet[Case]:
    """Narrow to what is at least a number, or below it."""
    below = wanted.startswith("below-")
    return rows.filter(**{f"{path}__{'lt' if below else 'gte'}": int(wanted.removeprefix("below-"))})


def _choice(**facts: Any) -> django_filters.ChoiceFilter:
    return django_filters.ChoiceFilter(empty_label=ALL, **facts)


class CaseFilters(django_filters.FilterSet):  # type: ignore[misc]
    """By state, whose it is, age, score, amount, what the consortium told, reason, origin, institution and product."""

    state = _choice(label=gettext_lazy("State"), choices=_states)
    whose = _choice(label=gettext_lazy("Analyst"), choices=_WHOSE, method="of_analyst")
    age = _choice(label=gettext_lazy("Waits"), choices=_AGES, method="older_than")
    score = _choice(label=gettext_lazy("Score"), choices=_SCORES, method="scored")
    amount = _choice(label=gettext_lazy("Amount"), choices=_AMOUNTS, method="of_amount")
    tier = _choice(
        label=gettext_lazy("Known to others"),
        choices=[*((tier, TIERS[tier]) for tier in SHOWN_TIERS), (_NO_TIER, gettext_lazy("No match"))],
        method="known",
    )
    reason = _choice(label=gettext_lazy("Reason"), choices=list(REASON_TAGS.items()), method="because")
    origin = _choice(label=gettext_lazy("Opened by"), choices=list(ORIGINS.items()))
    verdict = _choice(label=gettext_lazy("Verdict"), choices=_verdicts)
    institution = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Institution"), queryset=_institutions, to_field_name="public_id"
    )
    product = _choice(
        label=gettext_lazy("Product"), field_name="application__product", choices=list(PRODUCTS.items())
    )

    def of_analyst(self, rows: QuerySet[Case], _name: str, wanted: str) -> QuerySet[Case]:
        # A case that came back keeps the name of whoever worked on it last, and is nobody's all the same.
        if wanted == "nobody":
            return rows.filter(state__in=sorted(WAITING))
        person = actor_behind(self.request).person or "nobody"
        taken = rows.exclude(state__in=sorted(WAITING))
        return taken.filter(claimed_by=person) if wanted == "me" else taken.exclude(claimed_by=person)

    def older_than(self, rows: QuerySet[Any], _name: str, wanted: str) -> QuerySet[Any]:
        return rows.filter(waits_since__lt=clock.now() - timedelta(days=int(wanted)))

    def scored(self, rows: QuerySet[Case], _name: str, wanted: str) -> QuerySet[Case]:
        return _bounded(rows, "priority", wanted)

    def of_amount(self, rows: QuerySet[Case], _name: str, wanted: str) -> QuerySet[Case]:
        return _bounded(rows, "application__amount", wanted)

    def known(self, rows: QuerySet[Case], _name: str, wanted: str) -> QuerySet[Case]:
        return no_consortium_hit(rows) if wanted == _NO_TIER else known_as(rows, Tier(wanted))

    def because(self, rows: QuerySet[Case], _name: str, wanted: str) -> QuerySet[Case]:
        return rows.filter(reasons__contains=[wanted])
