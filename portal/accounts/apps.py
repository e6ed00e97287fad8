"""People, organizations, clients and what each of them may do."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    label = "accounts"

    def ready(self) -> None:
        from portal.accounts.renewing import register_steps

        register_steps()
