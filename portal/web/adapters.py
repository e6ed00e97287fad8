"""What django-allauth asks of us: who may sign in, with which words, and what the trail keeps of it."""

from typing import Any, NoReturn, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from portal.accounts.actors import NOBODY
from portal.accounts.models import User
from portal.accounts.operations.sign_ins import (
    Account,
    account_of,
    record_lock_out,
    record_refused_sign_in,
)
from portal.accounts.single_sign_on import METHOD, must_sign_on
from portal.core import clock
from portal.core.callers import caller_address
from portal.web.origins import origin_of

# How the trail calls refused passkeys.
PASSKEY = "passkey"
TOO_MANY = "too_many_login_attempts"
_WRONG_CODE = _("This was not right. Try again.")
_WAIT = _("Too many tries. Wait five minutes and try again; until then the right answer is refused as well.")


def note_lock_out(request: HttpRequest, account: User | Account, *, method: str) -> None:
    """Write down that an account has had its tries, once in five minutes however many come."""
    if cache.add(f"locked-out:{method}:{account.public_id}", 1, timeout=300):
        record_lock_out(account, method=method, origin=origin_of(request), by=NOBODY, now=clock.now())


def note_refusal(request: HttpRequest, account: User | Account, *, method: str) -> None:
    """Write down that somebody was refused at the sign-in."""
    origin = origin_of(request)
    record_refused_sign_in(account, method=method, origin=origin, by=NOBODY, now=clock.now())


class PasswordBackend(AuthenticationBackend):
    """Checks address and password; somebody who may not sign in any more is answered like a wrong password."""

    @classmethod
    def _stash_user(cls, user: AbstractBaseUser | None) -> None:
        """Tell nobody that the password of a closed account was right."""


class AccountAdapter(DefaultAccountAdapter):
    """Signing in, without signing up."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "The address and the password do not belong together. Check both and try again."
        ),
        "incorrect_code": _WRONG_CODE,
        TOO_MANY: _WAIT,
        "rate_limited": _WAIT,
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """Take the address from where everything else here takes it: see TRUSTED_PROXIES."""
        address = caller_address(request.META)
        if address is None:
            raise PermissionDenied("Nobody can say where this request comes from.")
        return str(address)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: our own pages do."""

    def pre_login(self, request: HttpRequest, user: Any, **more: Any) -> HttpResponse | None:
        """Send those on whose organization wants them to come by its own provider."""
        response: HttpResponse | None = super().pre_login(request, user, **more)
        came_by = {record.get("method") for record in get_authentication_records(request, user)}
        if response is not None or METHOD in came_by or not must_sign_on(user):
            return response
        messages.info(
            request, _("Your organization wants you to sign in there. Enter your address to go on.")
        )
        return redirect("sign-on")

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        """Answer a passkey of somebody who may not sign in any more like one that nobody knows."""
        note_refusal(request, cast("User", user), method=PASSKEY)
        messages.error(request, _("This passkey opens nothing here. Sign in with your password."))
        return redirect("sign-in")

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try, and refuse it while the account or the address has had too many."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            note_lock_out(request, account_of(credentials.get("email", "")), method="password")
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write down the refusal."""
        note_refusal(request, account_of(credentials.get("email", "")), method="password")


class FactorAdapter(DefaultMFAAdapter):
    """Second factors; their secrets are kept by `portal.accounts.operations.second_factors`."""

    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": _WRONG_CODE}

    def encrypt(self, text: str) -> NoReturn:
        raise RuntimeError("Secrets of second factors are sealed for their person, by our own operations.")

    def decrypt(self, encrypted_text: str) -> NoReturn:
        raise RuntimeError("Secrets of second factors are opened for their person, by our own operations.")
