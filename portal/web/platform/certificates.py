"""The page of a certificate: what a run removed, or whose data two people had erased."""

import json
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.accounts.queries import names
from portal.accounts.roles import Act
from portal.core.errors import NotFoundError
from portal.core.language import said
from portal.core.phrases import Phrase
from portal.keys.models import Certificate
from portal.retention import queries
from portal.retention.models import RetentionRun
from portal.retention.policies import policies
from portal.retention.subjects import kind_of, subject_with
from portal.web.guards import require
from portal.web.pieces import Crumb
from portal.web.platform.retention import in_days
from portal.web.requests import PageRequest


@require(Act.RETENTION_READ)
def certificate(request: PageRequest, public_id: str) -> HttpResponse:
    """Show what went as a page to print, or with `?export=json` as the document that was signed."""
    document = Certificate.objects.filter(public_id=public_id).first()
    if document is None:
        raise NotFoundError
    run = queries.runs(request.actor).filter(certificate=public_id).first()
    facts = json.loads(document.content)
    more = _of_run(run) if run else _of_erasure(request, document, facts)
    if request.GET.get("export") == "json":
        answer = HttpResponse(document.content, content_type="application/json")
        answer["Content-Disposition"] = f'attachment; filename="{public_id}.json"'
        return answer
    crumbs = [Crumb(_("Retention"), reverse("retention"))]
    context = {
        "title": _("Certificate of what went"),
        "crumbs": crumbs,
        "certificate": document,
        "facts": facts,
    }
    return render(request, "portal/certificate.html", context | more)


def _of_run(run: RetentionRun) -> dict[str, Any]:
    # A policy from long ago may be on the list no more.
    policy = next((policy for policy in policies() if policy.name == run.policy), None)
    what = said(Phrase(policy.what)) if policy else run.policy
    return {"run": run, "what": what, "days": in_days(run.days)}


def _of_erasure(request: PageRequest, document: Certificate, facts: dict[str, Any]) -> dict[str, Any]:
    """Say who was erased and by whom, to those who may read about retention where this person is known.

    :raises NotFoundError: nobody's, or somebody's of another place
    """
    subject = subject_with(document.subject)
    if subject is None or not request.actor.may(Act.RETENTION_READ, subject.place):
        raise NotFoundError
    people = names({facts["asked_by"], facts["approved_by"]})
    return {
        "what": _("What was held about one person"),
        "kind": kind_of(subject).title,
        "asker": people.get(facts["asked_by"], facts["asked_by"]),
        "approver": people.get(facts["approved_by"], facts["approved_by"]),
        "erased_at": datetime.fromisoformat(facts["erased_at"]),
    }
