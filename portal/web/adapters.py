"""What django-allauth asks of us: who may sign in, and where things are."""

from typing import Any, NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest


class PasswordBackend(AuthenticationBackend):
    """Checks address and password; somebody who may not sign in any more is answered like a wrong password."""

    @classmethod
    def _stash_user(cls, user: AbstractBaseUser | None) -> None:
        """Tell nobody that the password of a closed account was right."""


class AccountAdapter(DefaultAccountAdapter):
    """Signing in, without signing up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: our own pages do."""


class FactorAdapter(DefaultMFAAdapter):
    """Second factors; their secrets are kept by `portal.accounts.operations.second_factors`."""

    def encrypt(self, text: str) -> NoReturn:
        raise RuntimeError("Secrets of second factors are sealed for their person, by our own operations.")

    def decrypt(self, encrypted_text: str) -> NoReturn:
        raise RuntimeError("Secrets of second factors are opened for their person, by our own operations.")
