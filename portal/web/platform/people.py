"""Pages about people and their roles."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.actors import OrganizationKind
from portal.accounts.models import Membership, Organization, User
from portal.accounts.models.people import LANGUAGES
from portal.accounts.operations.people import create_person, grant_role, revoke_role
from portal.accounts.queries import organizations
from portal.accounts.queries import people as people_seen
from portal.accounts.roles import ROLE_NAMES, Act, Role
from portal.core.clock import now
from portal.core.errors import NotFoundError
from portal.web.finding import found, offered
from portal.web.forms import Form, Section, form_page
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.navigation import Words
from portal.web.pieces import Crumb, Question, ask
from portal.web.requests import PageRequest

PEOPLE = ListPage(
    name="people",
    columns=(
        Column("name", gettext_lazy("Name"), template="portal/cells/person.html", sort="name", is_main=True),
        Column("email", gettext_lazy("E-mail address"), sort="email"),
        Column("memberships", gettext_lazy("Roles"), template="portal/cells/roles.html", is_exported=False),
        Column("is_active", gettext_lazy("May sign in"), template="portal/cells/yes_no.html", is_spare=True),
        Column(
            "created_at",
            gettext_lazy("Added"),
            template="portal/cells/when.html",
            sort="created_at",
            is_spare=True,
        ),
    ),
    empty=Empty(
        gettext_lazy("Nobody here yet"), gettext_lazy("People you may see appear here."), icon="users"
    ),
    search=("name", "email"),
    search_label=gettext_lazy("Search by name or address"),
    sort="name",
)


class PersonForm(Form):
    """A new person."""

    button: ClassVar[Words] = gettext_lazy("Add person")
    sections = (
        Section(
            gettext_lazy("Who"),
            gettext_lazy("The address is what this person signs in with."),
            ("name", "email", "language"),
        ),
        Section(
            gettext_lazy("First password"),
            gettext_lazy("Hand it over in person or by telephone, never by e-mail."),
            ("password",),
        ),
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    email = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGES)
    password = forms.CharField(
        label=gettext_lazy("Password"),
        help_text=gettext_lazy("At least 12 characters, not a common password."),
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class RoleForm(Form):
    """A role for a person in an organization."""

    button: ClassVar[Words] = gettext_lazy("Give role")
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=[(role.value, ROLE_NAMES[role]) for role in Role]
    )
    organization = forms.ModelChoiceField(
        label=gettext_lazy("Where"),
        queryset=Organization.objects.none(),
        help_text=gettext_lazy("A role in the operator's organization holds everywhere."),
    )

    def __init__(self, request: PageRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = organizations(request.actor, Act.PERSON_EDIT, *OrganizationKind)
        self.fields["organization"].queryset = places  # type: ignore[attr-defined]


def _to_people() -> list[Crumb]:
    return [Crumb(_("People"), reverse("people"))]


@require(Act.PERSON_READ)
def people(request: PageRequest) -> HttpResponseBase:
    """List the people whom this person may see."""
    primary = offered(request, Act.PERSON_EDIT, _("Add person"), reverse("person-new"), "user-plus")
    return PEOPLE.answer(request, people_seen(request.actor), title=_("People"), primary=primary)


@require(Act.PERSON_EDIT)
def new_person(request: PageRequest) -> HttpResponse:
    """Add a person, who then needs a role."""
    form = PersonForm(request.POST or None)

    def act() -> HttpResponse:
        user = create_person(by=request.actor, now=now(), **form.cleaned_data)
        messages.success(request, _("%(name)s was added. Give a role next.") % {"name": user.name})
        return redirect("person", user.public_id)

    return form_page(
        request, form, act, title=_("Add a person"), crumbs=_to_people(), back_url=reverse("people")
    )


@require(Act.PERSON_READ)
def person(request: PageRequest, public_id: str) -> HttpResponse:
    """Show a person and their roles, and give another."""
    return _person_page(request, found(people_seen(request.actor), public_id))


@require(Act.PERSON_EDIT)
def new_role(request: PageRequest, public_id: str) -> HttpResponse:
    """Give a person a role."""
    return _person_page(request, found(people_seen(request.actor), public_id))


@require(Act.PERSON_EDIT)
def revoke(request: PageRequest, public_id: str, membership_id: int) -> HttpResponse:
    """Take a role away, after asking."""
    user = found(people_seen(request.actor), public_id)
    membership = next((row for row in user.memberships.all() if row.pk == membership_id), None)
    if membership is None:
        raise NotFoundError
    return ask(request, _revoking(user, membership), lambda _reason: _revoked(request, membership))


def _revoking(user: User, membership: Membership) -> Question:
    facts = {"name": user.name, "role": membership.role_name, "where": membership.organization.name}
    return Question(
        title=_("Take the role %(role)s from %(name)s?") % facts,
        sentences=[
            _("%(name)s loses this role in %(where)s with the next click.") % facts,
            _("What was done in this role stays in the trail."),
        ],
        button=_("Take role away"),
        back_url=reverse("person", args=[user.public_id]),
        is_grave=True,
    )


def _revoked(request: PageRequest, membership: Membership) -> HttpResponse:
    user = revoke_role(membership, by=request.actor, now=now())
    messages.success(request, _("The role was taken away."))
    return redirect("person", user.public_id)


def _person_page(request: PageRequest, user: User) -> HttpResponse:
    form = RoleForm(request, request.POST or None)

    def act() -> HttpResponse:
        chosen = form.cleaned_data
        grant_role(
            user, organization=chosen["organization"], role=Role(chosen["role"]), by=request.actor, now=now()
        )
        messages.success(request, _("The role was given."))
        return redirect("person", user.public_id)

    return form_page(
        request,
        form,
        act,
        template="portal/person.html",
        title=user.name,
        person=user,
        crumbs=_to_people(),
        may_edit=request.actor.may(Act.PERSON_EDIT),
    )
