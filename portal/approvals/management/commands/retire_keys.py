"""Remove the old key-encryption keys of one purpose from the key file, if they wrap nothing any more."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.approvals.by_hand import add_permission_arguments, allowed_or_asked, reason_to_act_alone
from portal.approvals.key_acts import RETIREMENT, retire_allowed
from portal.core import clock
from portal.core.errors import DomainError
from portal.core.keys import keyring
from portal.crypto.key_file import KeyFileError
from portal.crypto.keyring import KeyFacts, NotHeldError, Purpose
from portal.keys.operations.retirement import remove_keys, retirable_keys, retire_alone
from portal.keys.scopes import PROCESS


class Command(BaseCommand):
    help = "Remove key-encryption keys that wrap nothing any more from the key file."

    def add_arguments(self, parser: CommandParser) -> None:
        add_permission_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        purpose = Purpose(options["purpose"])
        try:
            keys = self._retired(purpose, options)
            remove_keys(keys)
        except (DomainError, KeyFileError, NotHeldError) as error:
            raise CommandError(str(error)) from None
        for facts in keys:
            self.stdout.write(f"Removed the key {facts.id} of {facts.created_at}.")
        if keys:
            self.stdout.write(
                f"Copy the key file {settings.KEY_FILE} now; keep the older copy for older backups."
            )

    def _retired(self, purpose: Purpose, options: dict[str, Any]) -> list[KeyFacts]:
        if not keyring().holds(purpose):
            raise NotHeldError(purpose)
        # Nobody is asked for what cannot be done.
        retirable_keys(purpose, now=clock.now())
        reason = reason_to_act_alone(options)
        if reason:
            return retire_alone(purpose, reason=reason, by=PROCESS, now=clock.now())
        allowed = allowed_or_asked(RETIREMENT, purpose, options["asker"])
        if isinstance(allowed, str):
            self.stdout.write(allowed)
            return []
        return retire_allowed(allowed, by=PROCESS, now=clock.now())
