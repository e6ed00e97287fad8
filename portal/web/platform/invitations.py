"""Pages about inviting people, and the one page on which the invited come in."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from portal.accounts.actors import OrganizationKind
from portal.accounts.invitations import invitation_behind
from portal.accounts.models import Invitation, Organization, User
from portal.accounts.models.people import LANGUAGES
from portal.accounts.operations.invitations import (
    accept_invitation,
    invite_person,
    resend_invitation,
    withdraw_invitation,
)
from portal.accounts.queries import actor_of, organizations
from portal.accounts.queries import people as people_seen
from portal.accounts.roles import ROLE_NAMES, Act, Role
from portal.core.clock import now
from portal.core.errors import NotFoundError
from portal.web.finding import found
from portal.web.forms import Form, Section, form_page
from portal.web.guards import public, require
from portal.web.navigation import Words
from portal.web.pieces import Crumb, Question, ask
from portal.web.requests import PageRequest


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


class InviteForm(RoleForm):
    """Somebody who is to join."""

    button: ClassVar[Words] = gettext_lazy("Send invitation")
    sections = (
        Section(
            gettext_lazy("Who"),
            gettext_lazy(
                "The link in the mail opens once, within three days. Names and passwords are theirs to choose."
            ),
            ("email", "language"),
        ),
        Section(
            gettext_lazy("What for"),
            gettext_lazy("More roles can be given on the person's page."),
            ("role", "organization"),
        ),
    )
    email = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254)
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=LANGUAGES,
        help_text=gettext_lazy("The mail is written in it."),
    )


class AcceptForm(Form):
    """What an invited person tells about themselves."""

    button: ClassVar[Words] = gettext_lazy("Join")
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=100,
        help_text=gettext_lazy("As your colleagues know you."),
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGES)
    password = forms.CharField(
        label=gettext_lazy("Password"),
        help_text=gettext_lazy(
            "At least 12 characters. A few words in a row are easy to keep and hard to guess."
        ),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=gettext_lazy("Password again"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        again = str(self.cleaned_data["again"])
        if "password" in self.cleaned_data and again != self.cleaned_data["password"]:
            raise forms.ValidationError(_("The two passwords differ. Type the same one twice."))
        return again


@require(Act.PERSON_EDIT)
def invite(request: PageRequest) -> HttpResponse:
    """Invite somebody to a role."""
    form = InviteForm(request, request.POST or None)

    def act() -> HttpResponse:
        chosen = form.cleaned_data
        invitation = invite_person(
            chosen["email"],
            organization=chosen["organization"],
            role=Role(chosen["role"]),
            language=chosen["language"],
            by=request.actor,
            now=now(),
        )
        messages.success(
            request, _("The invitation is on its way to %(email)s.") % {"email": invitation.user.email}
        )
        return redirect("person", invitation.user.public_id)

    crumbs = [Crumb(_("People"), reverse("people"))]
    return form_page(
        request, form, act, title=_("Invite a person"), crumbs=crumbs, back_url=reverse("people")
    )


@require(Act.PERSON_EDIT)
def resend(request: PageRequest, public_id: str) -> HttpResponse:
    """Send a new letter, after asking."""
    user = found(people_seen(request.actor), public_id)
    invitation = _invitation_of(user)
    question = Question(
        title=_("Send a new invitation to %(email)s?") % {"email": user.email},
        sentences=[_("The link in the earlier mail stops opening; the new one opens within three days.")],
        button=_("Send invitation"),
        back_url=reverse("person", args=[user.public_id]),
    )

    def act(_reason: str) -> HttpResponse:
        resend_invitation(invitation, by=request.actor, now=now())
        messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": user.email})
        return redirect("person", user.public_id)

    return ask(request, question, act)


@require(Act.PERSON_EDIT)
def withdraw(request: PageRequest, public_id: str) -> HttpResponse:
    """Take an invitation back, after asking."""
    user = found(people_seen(request.actor), public_id)
    invitation = _invitation_of(user)
    question = Question(
        title=_("Withdraw the invitation of %(email)s?") % {"email": user.email},
        sentences=[
            _("The link in the mail stops opening, and the roles that it promised are taken away."),
            _("The same address can be invited again."),
        ],
        button=_("Withdraw invitation"),
        back_url=reverse("person", args=[user.public_id]),
        is_grave=True,
    )

    def act(_reason: str) -> HttpResponse:
        withdraw_invitation(invitation, by=request.actor, now=now())
        messages.success(request, _("The invitation was withdrawn."))
        return redirect("person", user.public_id)

    return ask(request, question, act)


@public
@never_cache
def accept(request: HttpRequest) -> HttpResponse:
    """Let whoever holds the link of an invitation come in; the link is asked on every step."""
    invitation = invitation_behind(request.GET.get("link", ""), now=now())
    user = invitation.user
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        translation.activate(user.language)
    form = AcceptForm(request.POST or None, initial={"language": user.language})

    def act() -> HttpResponse:
        chosen = form.cleaned_data
        accept_invitation(
            invitation,
            name=chosen["name"],
            password=chosen["password"],
            language=chosen["language"],
            by=actor_of(user),
            now=now(),
        )
        # On a shared machine somebody else may be signed in: it is not they who came in.
        logout(request)
        messages.success(request, _("Welcome. Sign in with your address and your new password."))
        return redirect("sign-in")

    return form_page(
        request, form, act, template="portal/accept.html", title=_("Join Countersign"), invitation=invitation
    )


def _invitation_of(user: User) -> Invitation:
    invitation: Invitation | None = getattr(user, "invitation", None)
    if invitation is None:
        raise NotFoundError
    return invitation
