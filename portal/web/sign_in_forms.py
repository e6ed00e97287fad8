"""The forms of signing in and of confirming who one is: password, code, passkey."""

from typing import Any, ClassVar, cast

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm
from allauth.core import context, ratelimit
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as AllauthConfirmForm
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.forms import LoginWebAuthnForm as AllauthPasskeySignInForm
from allauth.mfa.webauthn.internal.auth import extract_user_from_response
from django import forms
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User
from portal.accounts.operations.second_factors import spend_code
from portal.accounts.operations.sign_ins import Account, unknown_account
from portal.accounts.queries import actor_of
from portal.core import clock
from portal.core.errors import InvalidError
from portal.core.language import said
from portal.web.adapters import PASSKEY, TOO_MANY, note_lock_out, note_refusal
from portal.web.forms import Form, PageRenderer, dress
from portal.web.navigation import Words

# What a credential of a strange shape makes the parsers of WebAuthn raise.
ODD_SHAPE = (AttributeError, IndexError, KeyError, TypeError, ValueError)


def is_too_many(error: Exception) -> bool:
    """Say whether this is the refusal of somebody who has had too many tries."""
    return isinstance(error, forms.ValidationError) and getattr(error, "code", "") == TOO_MANY


def is_locked_out(form: forms.BaseForm) -> bool:
    """Say whether a form was refused because there had been too many tries."""
    return any(is_too_many(error) for errors in form.errors.as_data().values() for error in errors)


class SignInForm(LoginForm):  # type: ignore[misc]
    """The e-mail address and the password."""

    default_renderer = PageRenderer()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        login, password = self.fields["login"], self.fields["password"]
        login.label, password.label, password.help_text = _("E-mail address"), _("Password"), ""
        login.max_length = 254
        login.widget.attrs = {"autocomplete": "username webauthn", "autofocus": True}
        login.widget.input_type = "email"
        password.widget.attrs = {"autocomplete": "current-password", "maxlength": 128}
        dress(self)


class CodeMixin:
    """A code of the authenticator app, or a recovery code; too many wrong ones lock the person out for a while."""

    default_renderer = PageRenderer()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        field = self.fields["code"]  # type: ignore[attr-defined]
        field.label, field.max_length = _("Code"), 40
        field.help_text = _("Six digits from your authenticator app, or one of your recovery codes.")
        field.widget.attrs = {"autocomplete": "one-time-code", "autofocus": True, "maxlength": 40}
        dress(self)  # type: ignore[arg-type]

    def clean_code(self) -> str:
        """Take the code, if the person has tries left."""
        code: str = self.cleaned_data["code"]  # type: ignore[attr-defined]
        user, key = self.user, f"mfa-auth-user-{self.user.pk}"  # type: ignore[attr-defined]
        request = context.request
        if not ratelimit.consume(request, action="login_failed", key=key):
            note_lock_out(request, user, method="code")
            raise get_adapter().validation_error(TOO_MANY)
        try:
            self.authenticator = spend_code(user, code=code, by=actor_of(user), now=clock.now())
        except InvalidError as error:
            note_refusal(request, user, method="code")
            raise forms.ValidationError(said(error.detail), code="incorrect_code") from error
        ratelimit.clear(request, action="login_failed", key=key)
        return code


class SecondFactorForm(CodeMixin, AuthenticateForm):  # type: ignore[misc]
    """A code, after the password."""


class ConfirmForm(CodeMixin, AllauthConfirmForm):  # type: ignore[misc]
    """A code, by somebody who is signed in already."""


class PasskeyMixin:
    """What a passkey signed; anything else is refused in words, and written down."""

    def clean_credential(self) -> Any:
        """Check what the passkey signed."""
        request = context.request
        try:
            return super().clean_credential()  # type: ignore[misc]
        except (forms.ValidationError, *ODD_SHAPE) as error:
            if is_too_many(error):
                note_lock_out(request, self._named(), method=PASSKEY)
                raise
            note_refusal(request, self._named(), method=PASSKEY)
            raise get_adapter().validation_error("incorrect_code") from error

    def _named(self) -> User | Account:
        """Give the person whose passkey this says it is."""
        known: User | None = self.user  # type: ignore[attr-defined]
        if known is not None:
            return known
        try:
            return cast("User", extract_user_from_response(self.cleaned_data["credential"]))  # type: ignore[attr-defined]
        except (forms.ValidationError, *ODD_SHAPE):
            return unknown_account(PASSKEY)


class PasskeyForm(PasskeyMixin, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey, after the password."""


class PasskeySignInForm(PasskeyMixin, AllauthPasskeySignInForm):  # type: ignore[misc]
    """A passkey in place of password and code."""


class PasskeyConfirmForm(PasskeyMixin, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey, by somebody who is signed in already."""


class PasswordConfirmForm(forms.Form):
    """The password, by somebody who is signed in and has no second factor."""

    default_renderer = PageRenderer()
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.user = kwargs.pop("user")
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        dress(self)

    def clean_password(self) -> str:
        """Check the password, with the same limits as signing in."""
        password: str = self.cleaned_data["password"]
        adapter = get_adapter(context.request)
        if adapter.authenticate(context.request, email=self.user.email, password=password) != self.user:
            raise forms.ValidationError(_("This is not your password."), code="incorrect_password")
        return password


class PasswordForm(Form):
    """A new password."""

    button: ClassVar[Words] = _("Change password")
    password = forms.CharField(
        label=_("New password"),
        max_length=128,
        strip=False,
        help_text=_("At least 12 characters, not a common password."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("New password, once more"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password", again):
            raise forms.ValidationError(_("This is not the same password."))
        return again


class OwnPasswordForm(PasswordForm):
    """A new password, by somebody who knows the old one."""

    field_order = ("old", "password", "again")
    old = forms.CharField(
        label=_("Present password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_old(self) -> str:
        """Check it with the limits of signing in."""
        form = PasswordConfirmForm({"password": self.cleaned_data["old"]}, user=self.user)
        if not form.is_valid():
            raise forms.ValidationError(form.errors.as_data()["password"])
        return str(self.cleaned_data["old"])
