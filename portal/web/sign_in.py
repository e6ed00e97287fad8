"""Signing in, by password and second factor or by passkey, and signing out."""

from http import HTTPStatus
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.account.views import LoginView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import begin_authentication
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from portal.accounts.operations.sign_ins import record_sign_in, record_sign_out, unknown_account
from portal.accounts.queries import actor_of
from portal.core import clock
from portal.web.adapters import PASSKEY, note_lock_out
from portal.web.fresh import has_second_factor
from portal.web.guards import before_second_factor, public, signed_in
from portal.web.origins import origin_of, remember_device
from portal.web.requests import PageRequest, actor_behind, own_path
from portal.web.sign_in_forms import (
    ConfirmForm,
    PasskeyConfirmForm,
    PasskeyForm,
    PasskeySignInForm,
    PasswordConfirmForm,
    SecondFactorForm,
    SignInForm,
    is_locked_out,
)


def refusal_status(form: forms.BaseForm) -> int:
    """Give the status of an answer that shows a refused form of this kind."""
    return 429 if is_locked_out(form) else 422


class SignInView(LoginView):  # type: ignore[misc]
    """Sign in with an e-mail address and a password; somebody who is signed in already goes on."""

    template_name = "portal/sign_in.html"
    form_class = SignInForm
    extra_context = {"title": gettext_lazy("Sign in")}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        if request.method == "POST":
            remember_device(request, response)
        return response

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        context = self.get_context_data(form=form)
        answer: HttpResponse = self.render_to_response(context, status=refusal_status(form))
        return answer


class SecondFactorView(AuthenticateView):  # type: ignore[misc]
    """Show a second factor, after the password."""

    template_name = "portal/second_factor.html"
    form_class = SecondFactorForm
    webauthn_form_class = PasskeyForm
    extra_context = {"title": gettext_lazy("Second factor")}

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        answer: HttpResponse = self.render_to_response(self.get_context_data(), status=refusal_status(form))
        return answer

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        kinds = kinds_of_factors(self.stage.login.user)
        context: dict[str, Any] = super().get_context_data(**more)
        return context | self.extra_context | {"kinds": kinds}


class PasskeyView(LoginWebAuthnView):  # type: ignore[misc]
    """Sign in with a passkey alone; it is two factors in one, what one has and what unlocks it."""

    form_class = PasskeySignInForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # By address alone: whose passkey it is says whoever sends it, and strangers would lock people out.
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            note_lock_out(request, unknown_account(PASSKEY), method=PASSKEY)
        return response

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        messages.error(self.request, _("This passkey opens nothing here. Sign in with your password."))
        return redirect("sign-in")


def kinds_of_factors(user: Any) -> set[str]:
    """Name the kinds of second factors that somebody has."""
    return set(Authenticator.objects.filter(user=user).values_list("type", flat=True))


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, or a sign-in that waits for its second factor."""
    if request.user.is_authenticated:
        by = actor_behind(request)
        record_sign_out(request.user, method="by-hand", origin=origin_of(request), by=by, now=clock.now())
    logout(request)
    response = redirect("sign-in")
    # Copies of pages that a browser may still have go with the session.
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@before_second_factor
@signed_in
def confirm(request: PageRequest) -> HttpResponse:
    """Ask somebody who is signed in for a second factor, or for the password where there is none, and go back."""
    if not has_second_factor(request) and not request.user.has_usable_password():
        # Whoever signs in elsewhere shows who they are there.
        return render(request, "portal/confirm_elsewhere.html", {"title": _("Sign in again")})
    form = _confirmation(request)
    if request.method == "POST" and form.is_valid():
        if isinstance(form, PasswordConfirmForm):
            reauthenticate_by_password(request)
        else:
            form.save()
        return redirect(_way_back(request))
    context: dict[str, Any] = {"title": _("Confirm that it is you"), "form": form, "next": _way_back(request)}
    kinds = kinds_of_factors(request.user)
    if "webauthn" in kinds:
        context["passkey_options"] = begin_authentication(request.user)
    status = refusal_status(form) if form.is_bound else 200
    return render(request, "portal/confirm.html", {**context, "kinds": kinds}, status=status)


def _confirmation(request: PageRequest) -> Any:
    given = request.POST if request.method == "POST" else None
    if not has_second_factor(request):
        return PasswordConfirmForm(given, user=request.user)
    kind = PasskeyConfirmForm if given is not None and "credential" in given else ConfirmForm
    return kind(data=given, user=request.user)


def _way_back(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return own_path(request, wanted) or "/"


def note_sign_in(sender: object, request: HttpRequest, user: Any, **_more: Any) -> None:
    """Write down that somebody signed in, and with what; called for every way of signing in."""
    records = get_authentication_records(request, user)
    method = "+".join(dict.fromkeys(record.get("type") or record["method"] for record in records))
    record_sign_in(user, method=method, origin=origin_of(request), by=actor_of(user), now=clock.now())
