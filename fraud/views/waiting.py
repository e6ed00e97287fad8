"""What of the fraud domain waits for somebody, and what the search field finds."""

from collections.abc import Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from fraud.queries.applications_listed import applications
from fraud.queries.cases import cases, own_cases, waiting_cases
from fraud.queries.disputes import disputes_to_answer
from fraud.rules.cases import CaseState
from fraud.views.words import FRAUD_TYPES, PRODUCTS
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.web.navigation import Figure, Hit, Waiting

MOST_OF_EACH = 20
MOST_HITS = 8


def waiting(actor: Actor) -> Sequence[Waiting]:
    """List the cases that this person works on and the disputes to answer; the queue is a figure, not a list."""
    return [*_cases(actor), *_disputes(actor)]


def _cases(actor: Actor) -> Sequence[Waiting]:
    if not actor.may(Act.CASE_WORK):
        return []
    mine = own_cases(actor).filter(state=CaseState.CLAIMED)[:MOST_OF_EACH]
    return [
        Waiting(
            _("Decide the case of %(reference)s") % {"reference": case.application.reference},
            f"{case.institution.name} · {PRODUCTS.get(case.application.product, '')}",
            reverse("case", args=[case.public_id]),
            case.claimed_at or case.opened_at,
            "inbox",
        )
        for case in mine
    ]


def _disputes(actor: Actor) -> Sequence[Waiting]:
    if not actor.may(Act.RECORD_EDIT):
        return []
    return [
        Waiting(
            _("Answer for a disputed record"),
            f"{dispute.institution.name} · {FRAUD_TYPES[dispute.fraud_type]}",
            reverse("dispute", args=[dispute.public_id]),
            dispute.made_at,
            "alert-triangle",
        )
        for dispute in disputes_to_answer(actor)[:MOST_OF_EACH]
    ]


def figures(actor: Actor) -> Sequence[Figure]:
    """Count the cases that wait, for those who may see cases."""
    if not actor.may(Act.CASE_READ):
        return []
    count = waiting_cases(actor).order_by().count()
    return [Figure(_("Cases"), count, _("wait for an analyst"), reverse("cases"))]


def found(actor: Actor, words: str) -> Sequence[Hit]:
    """Find cases and applications by their whole ids and references."""
    named = Q(public_id=words) | Q(reference=words)
    rows = applications(actor).filter(named)[:MOST_HITS] if actor.may(Act.APPLICATION_READ) else []
    hits = [
        Hit(
            _("Application"),
            row.reference,
            row.institution.name,
            reverse("application", args=[row.public_id]),
        )
        for row in rows
    ]
    if actor.may(Act.CASE_READ) and words.startswith("cas_"):
        hits += [
            Hit(
                _("Case"),
                row.application.reference,
                row.institution.name,
                reverse("case", args=[row.public_id]),
            )
            for row in cases(actor).filter(public_id=words)
        ]
    return hits
