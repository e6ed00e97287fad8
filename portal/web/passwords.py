"""A forgotten password: asking for a link by mail, and choosing a new one behind it."""

from typing import Any, ClassVar

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.actors import NOBODY
from portal.accounts.operations.access import choose_password
from portal.accounts.operations.forgotten import send_password_link
from portal.accounts.queries import actor_of, person_behind
from portal.core.clock import now
from portal.web.forms import Form, form_page
from portal.web.guards import public
from portal.web.navigation import Words
from portal.web.origins import origin_of
from portal.web.sign_in_forms import PasswordForm

# Where a link's words wait, so that no address that others may see holds them.
LINK = "password_link"


class ForgottenForm(Form):
    """The address to which a link shall go."""

    button: ClassVar[Words] = gettext_lazy("Send link")
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


@public
def forgotten(request: HttpRequest) -> HttpResponse:
    """Send a link to choose a new password, and say the same whoever has the address."""
    form = ForgottenForm(request.POST or None)
    context: dict[str, Any] = {"title": _("Forgotten password"), "form": form}
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if not ratelimit.consume(request, action="reset_password", key=email.lower()):
            return render(request, "429.html", {"title": _("Too many tries at once")}, status=429)
        send_password_link(email, origin=origin_of(request), by=NOBODY, now=now())
        context |= {"is_sent": True, "email": email}
    status = 422 if form.errors else 200
    return render(request, "portal/forgotten.html", context, status=status)


@public
def arrive(request: HttpRequest, public_id: str, token: str) -> HttpResponse:
    """Take the words of a link out of the address before anything is shown."""
    request.session[LINK] = [public_id, token]
    return redirect("new-password-form")


@public
def choose(request: HttpRequest) -> HttpResponse:
    """Choose a new password; whoever does signs in with it next, second factor included."""
    user = person_behind(*request.session.get(LINK, ("", "")))
    if user is None:
        words = _("It may have been used, or be too old. Ask for a new one.")
        context = {"title": _("This link opens nothing"), "dead": words}
        return render(request, "portal/forgotten.html", context, status=410)
    form = PasswordForm(request.POST or None)

    def act() -> HttpResponse:
        choose_password(user, password=form.cleaned_data["password"], by=actor_of(user), now=now())
        logout(request)
        messages.success(request, _("The password was changed. Sign in with it."))
        return redirect("sign-in")

    title = _("Choose a new password")
    return form_page(request, form, act, template="portal/new_password.html", title=title)
