"""Change the keys of one purpose, down from the key-encryption key; goes on where a run before it stopped."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.approvals.by_hand import add_permission_arguments, allowed_or_asked, reason_to_act_alone
from portal.approvals.key_acts import CHANGE, begin_allowed_rotation
from portal.core import clock
from portal.core.errors import DomainError
from portal.core.keys import keyring, write_shares
from portal.crypto.key_file import KeyFileError, add_keys
from portal.crypto.keyring import NotHeldError, Purpose
from portal.keys.models import Rotation
from portal.keys.operations.rotation import carry_out_rotation, rotate_alone
from portal.keys.queries import rotations_under_way
from portal.keys.scopes import PROCESS


class Command(BaseCommand):
    help = "Add a key-encryption key, let new keys seal and sign, and renew what the old ones hold."

    def add_arguments(self, parser: CommandParser) -> None:
        add_permission_arguments(parser)
        parser.add_argument(
            "--keep-wrapping-key",
            action="store_true",
            help="add no key to the key file: only rewrap and renew (with a KMS, point the alias to the new key)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        purpose = Purpose(options["purpose"])
        try:
            rotation = rotations_under_way().filter(purpose=purpose).first()
            if rotation is not None:
                self.stdout.write(f"Going on with {rotation.public_id}.")
            else:
                rotation = self._begun(purpose, options)
            if rotation is not None:
                self._carry_out(rotation)
        except (DomainError, KeyFileError, NotHeldError) as error:
            raise CommandError(f"{error} What was done stays done; run the command again to go on.") from None

    def _carry_out(self, rotation: Rotation) -> None:
        carry_out_rotation(rotation, by=PROCESS, clock=clock.now)
        rotation = Rotation.objects.get(pk=rotation.pk)
        self.stdout.write(f"Changed the keys of {rotation.purpose}: {rotation.done} rows looked at.")

    def _begun(self, purpose: Purpose, options: dict[str, Any]) -> Rotation | None:
        if not keyring().holds(purpose):
            raise NotHeldError(purpose)
        reason, is_new = reason_to_act_alone(options), not options["keep_wrapping_key"]
        if reason:
            self._add_key(purpose, is_new=is_new)
            return rotate_alone(purpose, reason=reason, by=PROCESS, now=clock.now())
        allowed = allowed_or_asked(CHANGE, purpose, options["asker"])
        if isinstance(allowed, str):
            self.stdout.write(allowed)
            return None
        self._add_key(purpose, is_new=is_new)
        return begin_allowed_rotation(allowed, by=PROCESS, now=clock.now())

    def _add_key(self, purpose: Purpose, *, is_new: bool) -> None:
        if not is_new or settings.KEY_PROVIDER != "file":
            return
        made_at = clock.now().isoformat(timespec="seconds")
        (key_id,) = add_keys(settings.KEY_FILE, [purpose], created_at=made_at)
        write_shares()
        self.stdout.write(f"Added the key {key_id}. Copy the key file {settings.KEY_FILE} now.")
