"""What of the platform waits for somebody: the requests that they can decide."""

from collections.abc import Sequence

from django.urls import reverse

from portal.accounts.actors import Actor
from portal.approvals.kinds import kind_named
from portal.approvals.models import Approval
from portal.approvals.queries import requests_to_decide
from portal.core import clock
from portal.core.language import said
from portal.web.navigation import Waiting

# A home page is for the next thing to do, not for a list of all.
MOST_REQUESTS = 20


def waiting_requests(actor: Actor) -> Sequence[Waiting]:
    """List the requests that wait for this person's decision; each leads to the page where it is decided."""
    rows = requests_to_decide(actor, now=clock.now())[:MOST_REQUESTS]
    return [
        Waiting(said(row.title), _first_sentence(row), deciding_url(row), row.asked_at, "shield-check")
        for row in rows
    ]


def deciding_url(approval: Approval) -> str:
    """Give the page of the thing itself, where it has one that offers the decision, or the request's."""
    page = kind_named(approval.kind).page
    return (
        reverse(page, args=[approval.subject_id]) if page else reverse("request", args=[approval.public_id])
    )


def _first_sentence(approval: Approval) -> str:
    sentences = kind_named(approval.kind).told(approval)
    return said(sentences[0]) if sentences else ""
