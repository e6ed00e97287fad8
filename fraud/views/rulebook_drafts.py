"""The page on which a rulebook is built: its rules, the bands of outcomes, and what the draft can be tried on."""

from dataclasses import dataclass
from typing import Any

import msgspec
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fraud.forms.rule_words import rule_name
from fraud.forms.rulebooks import BandsForm, TryForm
from fraud.models import Institution, Rulebook, RulebookVersion
from fraud.operations.rulebooks import SavedMeanwhileError, save_rulebook_draft
from fraud.queries.institutions import institutions
from fraud.queries.rulebooks import document_of, draft_of, live_document
from fraud.rules.decisions import Outcome
from fraud.rules.rulebook import RulebookDocument, checksum, problems_of
from fraud.views.rulebook_pieces import bands_picture, rule_line
from fraud.views.rulebooks import rulebook_of, to_rulebooks
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.core import clock
from portal.core.language import said
from portal.web.finding import found
from portal.web.forms import form_page
from portal.web.guards import require
from portal.web.pieces import Choice
from portal.web.requests import PageRequest


@dataclass(frozen=True, slots=True)
class Working:
    """What is being edited: the draft, or a copy of what decides until something is saved."""

    institution: Institution
    rulebook: Rulebook | None
    draft: RulebookVersion | None
    document: RulebookDocument

    @property
    def based_on(self) -> str:
        return checksum(self.document)

    @property
    def is_in_shadow(self) -> bool:
        return bool(self.draft and self.rulebook and self.rulebook.shadow_id == self.draft.pk)

    def save(self, document: RulebookDocument, posted: QueryDict, *, by: Actor) -> None:
        """Save the draft anew, unless another one was saved since the page was opened.

        :raises SavedMeanwhileError: one was
        """
        if posted.get("based_on", "") != self.based_on:
            raise SavedMeanwhileError(_("Open the draft again to see what changed."))
        base = self.draft.checksum if self.draft else ""
        save_rulebook_draft(self.institution, document, base=base, by=by, now=clock.now())


def working_on(request: PageRequest, public_id: str) -> Working:
    """Find what is being edited of the rulebook of an institution where the actor may edit it."""
    institution = found(institutions(request.actor, Act.RULEBOOK_EDIT), public_id)
    rulebook = rulebook_of(institution)
    draft = draft_of(rulebook) if rulebook else None
    return Working(institution, rulebook, draft, document_of(draft) if draft else live_document(rulebook))


@require(Act.RULEBOOK_EDIT)
def draft(request: PageRequest, public_id: str) -> HttpResponse:
    """Show the draft: its rules, its bands as a form, and what it can be tried on."""
    working = working_on(request, public_id)
    form = BandsForm(request.POST or None, initial=BandsForm.initial_of(working.document))

    def act() -> HttpResponse:
        alone = Outcome(form.cleaned_data["consortium_alone"])
        changed = msgspec.structs.replace(working.document, bands=form.bands(), consortium_alone=alone)
        working.save(changed, request.POST, by=request.actor)
        messages.success(request, _("The draft was saved."))
        return redirect("rulebook-draft", public_id)

    return form_page(request, form, act, template="fraud/rulebook_draft.html", **_draft_context(working))


def _draft_context(working: Working) -> dict[str, Any]:
    institution, document, here = working.institution, working.document, [working.institution.public_id]
    return {
        "title": _("Draft"),
        "crumbs": to_rulebooks(institution),
        "institution": institution,
        "zone": institution.time_zone,
        "draft": working.draft,
        "is_saved": working.draft is not None,
        "based_on": working.based_on,
        "problems": _problems(working),
        "rules": [
            rule_line(rule, place, _rule_url(institution, place)) for place, rule in enumerate(document.rules)
        ],
        "bands": bands_picture(document.bands),
        "new_rule_url": reverse("rulebook-rule-new", args=here),
        "try_form": TryForm(),
        "past_url": _past(working),
        "shadow_url": reverse("rulebook-shadow", args=here) if working.is_in_shadow else "",
        "primary": _publishing(working),
        "choices": _choices(working),
    }


def _publishing(working: Working) -> Choice | None:
    if working.draft is None:
        return None
    url = reverse("rulebook-publish", args=[working.institution.public_id])
    return Choice(_("Ask for publishing"), url, "send", is_question=True)


def _choices(working: Working) -> list[Choice]:
    here = [working.institution.public_id]
    if working.draft is None:
        return []
    shadow, discard = _shadowing(working, working.draft), reverse("rulebook-discard", args=here)
    compare = reverse("rulebook-compare", args=here)
    compare = f"{compare}?old={_live_number(working)}&new={working.draft.number}"
    return [
        Choice(_("Compare with what decides"), compare, "arrows-sort"),
        Choice(_("Try it on the past"), _past(working), "test-pipe"),
        shadow,
        Choice(_("Discard the draft"), discard, "trash", is_question=True, is_grave=True),
    ]


def _shadowing(working: Working, draft: RulebookVersion) -> Choice:
    if working.is_in_shadow:
        return Choice(
            _("The shadow run"), reverse("rulebook-shadow", args=[working.institution.public_id]), "eye"
        )
    start = reverse("rulebook-shadow-on", args=[draft.public_id])
    return Choice(_("Run it in the shadow"), start, "eye", is_question=True)


def _past(working: Working) -> str:
    number = working.draft.number if working.draft else 0
    return f"{reverse('backtest-new', args=[working.institution.public_id])}?version={number}"


def _live_number(working: Working) -> int:
    return working.rulebook.live.number if working.rulebook and working.rulebook.live else 0


def _problems(working: Working) -> list[dict[str, str]]:
    found_ = []
    for problem in problems_of(working.document):
        parts = problem.path.split(".")
        is_rule = parts[0] == "rules" and len(parts) > 1
        rule = working.document.rules[int(parts[1])] if is_rule else None
        url = _rule_url(working.institution, int(parts[1])) if is_rule else ""
        found_.append(
            {"words": said(problem.words), "where": rule_name(rule.name) if rule else "", "url": url}
        )
    return found_


def _rule_url(institution: Institution, place: int) -> str:
    return reverse("rulebook-rule", args=[institution.public_id, place])


@require(Act.RULEBOOK_EDIT)
@require_POST
def bands(request: PageRequest, public_id: str) -> HttpResponse:
    """Draw the bands as they stand in the form."""
    working = working_on(request, public_id)
    form = BandsForm(request.POST)
    drawn = form.bands() if form.is_valid() else working.document.bands
    return render(request, "fraud/parts/bands.html", {"bands": bands_picture(drawn)})
