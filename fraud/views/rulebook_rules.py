"""The page of one rule of a draft: its weight and reason, and its condition in lines that buttons add and move."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from fraud.forms.condition_rows import EmptyGroupError, condition_of, rows_of
from fraud.forms.conditions import FIRST_FIELD, RowForm, pressed, row_forms, rows_posted
from fraud.forms.rule_words import rule_name, sentence
from fraud.forms.rulebooks import RuleForm
from fraud.forms.trees import HITS, LINKS, TEST, Row
from fraud.rules.rulebook import RulebookDocument, problems_of
from fraud.rules.rulebook.document import Condition, Rule
from fraud.views.rulebook_drafts import Working, working_on
from fraud.views.rulebooks import to_rulebooks
from portal.accounts.roles import Act
from portal.core.errors import InvalidError, NotFoundError
from portal.core.language import said
from portal.web.forms import form_page
from portal.web.guards import require
from portal.web.pieces import Choice, Crumb, Question, ask
from portal.web.requests import PageRequest

TEMPLATE = "fraud/rulebook_rule.html"
ADDITIONS = (
    (LINKS, gettext_lazy("Earlier applications")),
    (HITS, gettext_lazy("Consortium hits")),
    ("all", gettext_lazy("Group: all of these")),
    ("any", gettext_lazy("Group: some of these")),
    ("not", gettext_lazy("Group: none of these")),
)


@require(Act.RULEBOOK_EDIT)
def new_rule(request: PageRequest, public_id: str) -> HttpResponse:
    """Add a rule to the draft."""
    return _rule(request, working_on(request, public_id), None)


@require(Act.RULEBOOK_EDIT)
def edit_rule(request: PageRequest, public_id: str, place: int) -> HttpResponse:
    """Change one rule of the draft."""
    working = working_on(request, public_id)
    if place >= len(working.document.rules):
        raise NotFoundError
    return _rule(request, working, place)


def _rule(request: PageRequest, working: Working, place: int | None) -> HttpResponse:
    rule = None if place is None else working.document.rules[place]
    initial = RuleForm.initial_of(rule) if rule else {}
    rows = rows_posted(request.POST) if request.method == "POST" else _rows(rule)
    if "do" in request.POST:
        typed = {**request.POST.dict(), "is_on": "is_on" in request.POST}
        lines = row_forms(pressed(rows, request.POST["do"]))
        context = _rule_context(request, working, place, lines)
        return render(request, TEMPLATE, {**context, "form": RuleForm(initial=typed)})
    form = RuleForm(request.POST or None, initial=initial)
    lines = row_forms(rows, request.POST or None)
    when = _condition(form, lines) if form.is_bound else None

    def act() -> HttpResponse:
        changed = _with_rule(working.document, place, form.rule(when)) if when else working.document
        working.save(changed, request.POST, by=request.actor)
        messages.success(request, _("The rule was saved in the draft."))
        return redirect("rulebook-draft", working.institution.public_id)

    return form_page(request, form, act, template=TEMPLATE, **_rule_context(request, working, place, lines))


def _rows(rule: Rule | None) -> list[Row]:
    return rows_of(rule.when) if rule else [Row(0, "all"), Row(1, TEST, {"field": FIRST_FIELD})]


def _rule_context(
    request: PageRequest, working: Working, place: int | None, lines: Sequence[RowForm]
) -> dict[str, Any]:
    institution = working.institution
    back = reverse("rulebook-draft", args=[institution.public_id])
    choices = []
    if place is not None:
        url = reverse("rulebook-rule-remove", args=[institution.public_id, place])
        url = f"{url}?based_on={working.based_on}"
        choices = [Choice(_("Remove rule"), url, "trash", is_question=True, is_grave=True)]
    return {
        "title": _("New rule") if place is None else rule_name(working.document.rules[place].name),
        "crumbs": [*to_rulebooks(institution), Crumb(_("Draft"), back)],
        "based_on": request.POST.get("based_on") or working.based_on,
        "lines": lines,
        "additions": ADDITIONS,
        "reads": _reads(lines),
        "back_url": back,
        "choices": choices,
    }


def _reads(lines: Sequence[RowForm]) -> str:
    """Say the condition as a sentence, as far as it makes one."""
    shown = lines if lines[0].is_bound else row_forms([line.row for line in lines], _as_shown(lines))
    if not all(line.is_valid() for line in shown):
        return ""
    try:
        return sentence(condition_of(shown))
    except EmptyGroupError:
        return ""


def _as_shown(lines: Sequence[RowForm]) -> QueryDict:
    """Give what a browser would send of lines that nobody has changed."""
    query = QueryDict(mutable=True)
    for field in (field for line in lines for field in line):
        value = field.value()
        several = value if isinstance(value, list) else [value]
        query.setlist(
            field.html_name, [str(each) for each in several if each is not None and each is not False]
        )
    return query


def _condition(form: RuleForm, lines: Sequence[RowForm]) -> Condition | None:
    """Make the condition of posted lines; what is wrong with them is said above the form as well."""
    if [line for line in lines if not line.is_valid()]:
        form.add_error(None, _("The condition is not complete; see the lines marked below."))
        return None
    try:
        return condition_of(lines)
    except EmptyGroupError as error:
        lines[error.place].add_error(
            None, _("There is nothing in this group. Add a comparison, or remove it.")
        )
        form.add_error(None, _("A group of the condition holds nothing."))
        return None


def _with_rule(document: RulebookDocument, place: int | None, rule: Rule) -> RulebookDocument:
    """Put a rule into a document, at its place or at the end.

    :raises InvalidError: the rule has problems, beside its fields where there are some
    """
    rules = list(document.rules)
    at = len(rules) if place is None else place
    rules[at : at + 1] = [rule]
    changed = msgspec.structs.replace(document, rules=tuple(rules))
    fields: dict[str, str] = {}
    for problem in problems_of(changed):
        if problem.path.startswith(f"rules.{at}."):
            fields.setdefault(problem.path.split(".")[2], said(problem.words))
    if fields:
        raise InvalidError(next(iter(fields.values())), fields=fields)
    return changed


@require(Act.RULEBOOK_EDIT)
@require_POST
def reads(request: PageRequest) -> HttpResponse:
    """Say the condition in the form as a sentence."""
    lines = row_forms(rows_posted(request.POST), request.POST)
    return render(request, "fraud/parts/reads.html", {"reads": _reads(lines)})


@require(Act.RULEBOOK_EDIT)
def remove_rule(request: PageRequest, public_id: str, place: int) -> HttpResponse:
    """Take a rule out of the draft."""
    working = working_on(request, public_id)
    if place >= len(working.document.rules):
        raise NotFoundError
    name = rule_name(working.document.rules[place].name)
    back = reverse("rulebook-draft", args=[public_id])

    def act(_reason: str) -> HttpResponse:
        rules = [rule for at, rule in enumerate(working.document.rules) if at != place]
        changed = msgspec.structs.replace(working.document, rules=tuple(rules))
        working.save(changed, request.GET, by=request.actor)
        messages.success(request, _("The rule was removed from the draft."))
        return redirect("rulebook-draft", public_id)

    question = Question(
        title=_("Remove the rule %(name)s?") % {"name": name},
        sentences=[_("Only the draft changes; what decides stays as it is until a draft is published.")],
        button=_("Remove rule"),
        back_url=back,
        is_grave=True,
    )
    return ask(request, question, act)
