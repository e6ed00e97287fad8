"""Make the key file of this installation, once; a file that is there gets keys of purposes that it lacks."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.core.keys import keyring, make_key_file
from portal.crypto.key_file import KeyFileError


class Command(BaseCommand):
    help = "Make the key file unless it is there, and check that it can be used."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.KEY_PROVIDER == "kms":
            self.stdout.write("The keys are in the KMS: there is no key file to make.")
            return
        try:
            made = make_key_file()
            keyring()
        except KeyFileError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(
                f"The key file {settings.KEY_FILE} cannot be made: {error.strerror}."
            ) from None
        self.stdout.write(f"{'Made' if made else 'Kept'} the key file {settings.KEY_FILE}")
