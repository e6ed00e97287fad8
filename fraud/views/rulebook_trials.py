"""Trying a draft: on one application with an explanation of every rule."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from fraud.forms.rulebooks import TryForm
from fraud.models import Application
from fraud.queries.trials import application_to_try, trial_of
from fraud.rules.reasons import reason_words
from fraud.rules.rulebook import RulebookError, compile_rulebook
from fraud.views.rulebook_drafts import Working, working_on
from fraud.views.rulebook_pieces import bands_picture, explained_lines
from fraud.views.rulebooks import to_rulebooks
from portal.accounts.roles import Act
from portal.core.errors import InvalidError
from portal.core.language import said
from portal.core.phrases import words_of
from portal.web.forms import form_page
from portal.web.guards import require
from portal.web.pieces import Crumb
from portal.web.requests import PageRequest

TEMPLATE = "fraud/rulebook_try.html"


@require(Act.RULEBOOK_EDIT)
def try_on(request: PageRequest, public_id: str) -> HttpResponse:
    """Say what the draft would decide about one application, and how each rule came out."""
    working = working_on(request, public_id)
    form = TryForm(request.POST or None)
    back = reverse("rulebook-draft", args=[public_id])
    context: dict[str, Any] = {
        "title": _("Try the draft"),
        "crumbs": [*to_rulebooks(working.institution), Crumb(_("Draft"), back)],
        "back_url": back,
    }

    def act() -> HttpResponse:
        named = form.cleaned_data["reference"].strip()
        application = application_to_try(request.actor, working.institution.pk, named)
        if application is None:
            raise InvalidError.of(
                "reference", _("The institution has no application of this reference or id.")
            )
        return render(request, TEMPLATE, {**context, "form": form, **_tried(working, application)})

    return form_page(request, form, act, template=TEMPLATE, **context)


def _tried(working: Working, application: Application) -> dict[str, Any]:
    try:
        compiled = compile_rulebook(working.document)
    except RulebookError as error:
        raise InvalidError(said(words_of(error))) from error
    trial = trial_of(application)
    decision = compiled.evaluate(trial.facts)
    return {
        "decision": decision,
        "application": application,
        "first": trial.first,
        "has_answered": trial.facts["consortium_answered"],
        "reasons": [(code, said(reason_words(code))) for code in decision.reasons],
        "bands": bands_picture(working.document.bands, decision.score),
        "explained": explained_lines(compiled.explain(trial.facts), working.document),
    }
