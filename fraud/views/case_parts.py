"""What the pages of a case and of an application show alike: people behind masks, reasons, evidence, links."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from fraud.models import Application, Case, Contribution, Dispute
from fraud.operations.cases.deciding import FRAUD_VERDICT
from fraud.queries.applicants import masked
from fraud.queries.applications_listed import screenings_of
from fraud.queries.cases import notes_of
from fraud.queries.disputes import disputes_of
from fraud.queries.links import links, related, shared_elements
from fraud.rules.cases import WAITING, CaseState
from fraud.rules.masking import MaskedParty
from fraud.views.comparisons import beside
from fraud.views.words import (
    CHANNELS,
    FIELDS,
    FRAUD_TYPES,
    ORIGINS,
    PRODUCTS,
    PROOFS,
    RECORD_ROLES,
    ROLES,
    TIERS,
    field_value,
    kind_words,
)
from portal.accounts.actors import Actor
from portal.accounts.queries import names
from portal.accounts.roles import Act
from portal.approvals.queries import may_decide, request_about, requests_about
from portal.audit.operations import Subject
from portal.core import clock
from portal.web.pieces import Choice, Crumb
from portal.web.requests import PageRequest
from portal.web.trails import timeline

# The case says these itself, in words that fit it better.
_TOLD_ONCE = frozenset({"request.made", "contribution.made"})


def people_of(parties: list[MaskedParty]) -> list[dict[str, Any]]:
    """Lay masked parties out for the template: role in words, and each field by its name in words."""
    return [
        {
            "role": ROLES[party.role],
            "number": number,
            "fields": [(FIELDS[name], field_value(name, value)) for name, value in party.fields],
        }
        for number, party in enumerate(parties)
    ]


def evidence_of(hits: list[dict[str, Any]], disputed: Iterable[Dispute] = ()) -> list[dict[str, Any]]:
    """Say in words what the consortium told, which is no more than this, and what is disputed of it."""
    known = {(each.fraud_type, each.role): each for each in sorted(disputed, key=lambda each: each.pk)}
    return [
        {
            "tier": TIERS.get(hit["tier"], hit["tier"]),
            "kinds": [kind_words(kind) for kind in hit["kinds"]],
            "fraud_type": FRAUD_TYPES.get(hit["fraud_type"], hit["fraud_type"]),
            "role": RECORD_ROLES.get(hit["role"], hit["role"]),
            "month": hit["month"],
            "members": hit["members"],
            "is_disputed": hit.get("is_disputed", False),
            "is_own": hit.get("is_own", False),
            "type_code": hit["fraud_type"],
            "role_code": hit["role"],
            "dispute": known.get((hit["fraud_type"], hit["role"])),
        }
        for hit in hits
    ]


def application_context(application: Application, request: PageRequest) -> dict[str, Any]:
    """Give what every page about one application shows."""
    screenings = list(screenings_of(application))
    shared = shared_elements(application)
    found = _related(request.actor, shared)
    return {
        "application": application,
        "zone": application.institution.time_zone,
        "product": PRODUCTS.get(application.product, application.product),
        "channel": CHANNELS.get(application.channel, application.channel),
        "people": people_of(masked(application)),
        "screenings": screenings,
        "newest": screenings[0] if screenings else None,
        "reasons": screenings[0].reasons if screenings else [],
        "evidence": evidence_of(screenings[0].hits, disputes_of(application)) if screenings else [],
        "links": [(kind_words(link.kind), link) for link in links(shared)],
        "related": [(each.application, [kind_words(kind) for kind in each.kinds]) for each in found],
        "beside": beside(application, found),
        "may_reveal": request.actor.may(Act.APPLICANT_REVEAL, application.place)
        and application.erased_at is None,
    }


def _related(actor: Actor, shared: list[tuple[str, int]]) -> list[Any]:
    return related(actor, shared) if shared and actor.may(Act.APPLICATION_READ) else []


def case_context(case: Case, request: PageRequest) -> dict[str, Any]:
    """Give what the page of a case shows."""
    notes = notes_of(case)
    asked = request_about(FRAUD_VERDICT, case) if case.state == CaseState.CONFIRMING else None
    contributions = list(case.contributions.order_by("-pk"))
    known = names(
        {case.claimed_by, case.decided_by, case.confirmed_by, *(note.written_by for note, _text in notes)}
    )
    return application_context(case.application, request) | {
        "title": case.application.reference,
        "crumbs": [Crumb(_("Cases"), reverse("cases"))],
        "case": case,
        "origin": ORIGINS[case.origin],
        "analyst": known.get(case.claimed_by, case.claimed_by),
        "decider": known.get(case.decided_by, case.decided_by),
        "confirmer": known.get(case.confirmed_by, case.confirmed_by),
        "found": _found(case),
        "notes": [(known.get(note.written_by, note.written_by), note, text) for note, text in notes],
        "events": timeline(case, *_told_with(case, contributions), besides=_TOLD_ONCE),
        "is_mine": case.state == CaseState.CLAIMED and case.claimed_by == request.actor.person,
        "may_claim": case.state in WAITING and request.actor.may(Act.CASE_WORK, case.place),
        "may_work": request.actor.may(Act.CASE_WORK, case.place),
        "asked": asked,
        "may_confirm": asked is not None and may_decide(asked, request.actor, now=clock.now()),
        "contributions": contributions,
        "choices": _choices(case, request.actor),
    }


def _told_with(case: Case, contributions: list[Contribution]) -> list[Subject]:
    """Give what a case's history is made of beside the case: who was revealed, who signed, what was registered."""
    return [case.application, *requests_about(FRAUD_VERDICT, case), *contributions]


def _found(case: Case) -> list[tuple[str, Any]]:
    if not case.fraud_type:
        return []
    return [
        (_("Type of fraud"), FRAUD_TYPES[case.fraud_type]),
        (_("What the person was in it"), RECORD_ROLES[case.fraud_role]),
        (_("Proof"), PROOFS[case.proof]),
        (_("Registered with the consortium"), ", ".join(str(kind_words(kind)) for kind in case.kinds)),
    ]


def _choices(case: Case, actor: Actor) -> list[Choice]:
    found = []
    is_own = case.claimed_by == actor.person or actor.may(Act.CASE_ASSIGN, case.place)
    may_work = actor.may(Act.CASE_WORK, case.place)
    if case.state == CaseState.CLAIMED and is_own and may_work:
        url = reverse("case-release", args=[case.public_id])
        found.append(Choice(_("Give back"), url, "arrow-left", is_question=True))
    if case.state == CaseState.DECIDED and may_work:
        url = reverse("case-reopen", args=[case.public_id])
        found.append(Choice(_("Bring back"), url, "rotate-clockwise", is_question=True))
    if actor.may(Act.APPLICATION_READ, case.place):
        found.append(
            Choice(_("Application"), reverse("application", args=[case.application.public_id]), "file-text")
        )
    if actor.may(Act.TRAIL_READ, case.place):
        found.append(
            Choice(_("History in the trail"), f"{reverse('trail')}?subject={case.public_id}", "history")
        )
    return found
