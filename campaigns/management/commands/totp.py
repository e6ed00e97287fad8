"""Print the present code of somebody in the demonstration, on the local stack alone; an app does it elsewhere."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.accounts import factors
from portal.core import clock


class Command(BaseCommand):
    help = "Print the code that signs a person of the demonstration in now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("person", help="the role or the e-mail address, as in demo.json")

    def handle(self, *args: Any, **options: Any) -> None:
        # It lies beside the key file of a local stack, and nowhere else.
        path = settings.KEY_FILE.parent / "demo.json"
        if not path.exists():
            raise CommandError("There is no demonstration here; codes come from the person's own app.")
        people = json.loads(path.read_text())["users"]
        asked = options["person"]
        found = people.get(asked) or next((one for one in people.values() if one["email"] == asked), None)
        if found is None:
            raise CommandError(f"Nobody called {asked} is in the demonstration: {', '.join(people)}.")
        if "totp_secret" not in found:
            raise CommandError(f"{found['email']} signs in without a code.")
        now = clock.now()
        self.stdout.write(factors.code_at(found["totp_secret"], factors.step_at(now)))
        self.stderr.write(
            f"for {factors.STEP - int(now.timestamp()) % factors.STEP} seconds; each works once"
        )
