"""Pages about people and their roles."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.models import Membership, User
from portal.accounts.operations.access import check_deactivated, deactivate_person, reactivate_person
from portal.accounts.operations.people import grant_role, revoke_role
from portal.accounts.operations.second_factors import remove_second_factor
from portal.accounts.queries import PersonState, second_factors
from portal.accounts.queries import people as people_seen
from portal.accounts.roles import Act, Role
from portal.audit.operations import record_reading
from portal.core.clock import now
from portal.core.errors import NotFoundError
from portal.core.mail_routes import Way
from portal.web.finding import found, offered
from portal.web.forms import form_page
from portal.web.guards import require
from portal.web.lists import Column, Empty, ListPage
from portal.web.pieces import Choice, Crumb, Question, ask
from portal.web.platform.account import name_of_factor
from portal.web.platform.invitations import RoleForm
from portal.web.requests import PageRequest

PEOPLE = ListPage(
    name="people",
    columns=(
        Column("name", gettext_lazy("Name"), template="portal/cells/person.html", sort="name", is_main=True),
        Column("email", gettext_lazy("E-mail address"), template="portal/cells/address.html", sort="email"),
        Column("memberships", gettext_lazy("Roles"), template="portal/cells/roles.html", is_exported=False),
        Column("state", gettext_lazy("State"), template="portal/cells/state.html", sort="state"),
        Column(
            "last_login",
            gettext_lazy("Last signed in"),
            template="portal/cells/last_seen.html",
            sort="last_login",
            is_spare=True,
        ),
        Column(
            "has_second_factor",
            gettext_lazy("Second factor"),
            template="portal/cells/yes_no.html",
            sort="has_second_factor",
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


def _to_people() -> list[Crumb]:
    return [Crumb(_("People"), reverse("people"))]


@require(Act.PERSON_READ)
def people(request: PageRequest) -> HttpResponseBase:
    """List the people whom this person may see."""
    primary = offered(request, Act.PERSON_EDIT, _("Invite person"), reverse("person-invite"), "user-plus")
    choices = [Choice(_("What each role may do"), reverse("roles"), "shield-check")]
    if request.actor.may(Act.PERSON_EDIT):
        choices.append(Choice(_("Single sign-on"), reverse("single-sign-on"), "key"))
    if request.actor.may(Act.PERSON_EDIT) and settings.MAIL_ROUTE.way is Way.LOCAL:
        choices.append(Choice(_("Mails of this stack"), reverse("mails"), "mail"))
    return PEOPLE.answer(
        request, people_seen(request.actor), title=_("People"), primary=primary, choices=choices
    )


@require(Act.PERSON_READ)
def person(request: PageRequest, public_id: str) -> HttpResponse:
    """Show a person and their roles, and give another; who looked at somebody else is written down."""
    user = found(people_seen(request.actor), public_id)
    if user.public_id != request.actor.person:
        record_reading(request.actor, "person.read", user, now=now())
    return _person_page(request, user)


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


@require(Act.PERSON_EDIT)
def deactivate(request: PageRequest, public_id: str) -> HttpResponse:
    """Close a person's access, after asking."""
    user = found(people_seen(request.actor), public_id)
    question = Question(
        title=_("Deactivate %(name)s?") % {"name": user.name},
        sentences=[
            _("%(name)s is signed out everywhere, and cannot sign in until somebody lets them in again.")
            % {"name": user.name},
            _("Roles stay as they are."),
        ],
        button=_("Deactivate person"),
        back_url=reverse("person", args=[user.public_id]),
        is_grave=True,
    )

    def act(_reason: str) -> HttpResponse:
        deactivate_person(user, by=request.actor, now=now())
        messages.success(request, _("%(name)s was deactivated.") % {"name": user.name})
        return redirect("person", user.public_id)

    return ask(request, question, act)


@require(Act.PERSON_EDIT)
def reactivate(request: PageRequest, public_id: str) -> HttpResponse:
    """Open a person's access again, after asking."""
    user = found(people_seen(request.actor), public_id)
    check_deactivated(user)
    question = Question(
        title=_("Let %(name)s sign in again?") % {"name": user.name},
        sentences=[_("The roles that they hold apply again at once.")],
        button=_("Let in again"),
        back_url=reverse("person", args=[user.public_id]),
    )

    def act(_reason: str) -> HttpResponse:
        reactivate_person(user, by=request.actor, now=now())
        messages.success(request, _("%(name)s can sign in again.") % {"name": user.name})
        return redirect("person", user.public_id)

    return ask(request, question, act)


@require(Act.PERSON_EDIT)
def remove_factor(request: PageRequest, public_id: str, factor_id: int) -> HttpResponse:
    """Remove a second factor that a person has lost, after asking; one's own is removed under one's account."""
    user = found(people_seen(request.actor), public_id)
    factor = next((row for row in second_factors(user) if row.pk == factor_id), None)
    if factor is None or user.public_id == request.actor.person:
        raise NotFoundError
    question = Question(
        title=_("Remove %(factor)s of %(name)s?") % {"factor": name_of_factor(factor), "name": user.name},
        sentences=[
            _("%(name)s is signed out everywhere, and cannot sign in with it any more.")
            % {"name": user.name},
            _(
                "Recovery codes go with the last one. Then the password alone signs in, and whoever has a role "
                "that needs a second factor sets up a new one first."
            ),
            _("Be sure that it is %(name)s who asks you: call back, or meet.") % {"name": user.name},
        ],
        button=_("Remove second factor"),
        back_url=reverse("person", args=[user.public_id]),
        is_grave=True,
    )

    def act(_reason: str) -> HttpResponse:
        remove_second_factor(factor, by=request.actor, now=now())
        messages.success(request, _("The second factor was removed."))
        return redirect("person", user.public_id)

    return ask(request, question, act)


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
        is_other=user.public_id != request.actor.person,
        factors=[(factor, name_of_factor(factor)) for factor in second_factors(user)],
        choices=_choices(request, user),
    )


def _choices(request: PageRequest, user: User) -> list[Choice]:
    """Offer what can be done with this person in the state that they are in."""
    if not request.actor.may(Act.PERSON_EDIT):
        return []
    name = user.public_id
    again = Choice(
        _("Send a new invitation"), reverse("invitation-resend", args=[name]), "send", is_question=True
    )
    withdraw = Choice(
        _("Withdraw invitation"),
        reverse("invitation-withdraw", args=[name]),
        "ban",
        is_question=True,
        is_grave=True,
    )
    out = Choice(
        _("Deactivate"), reverse("person-deactivate", args=[name]), "ban", is_question=True, is_grave=True
    )
    back = Choice(_("Let in again"), reverse("person-reactivate", args=[name]), "refresh", is_question=True)
    offers = {
        PersonState.INVITED: [again, withdraw],
        PersonState.ACTIVE: [out] if user.public_id != request.actor.person else [],
        PersonState.DEACTIVATED: [back],
    }
    return offers.get(PersonState(user.state), [])  # type: ignore[attr-defined]
