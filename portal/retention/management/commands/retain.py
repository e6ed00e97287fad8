"""`manage.py retain`: show what is due, or have it go."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.accounts.actors import SYSTEM
from portal.core import clock
from portal.retention.operations.runs import carry_out
from portal.retention.policies import policies
from portal.retention.queries import previews


class Command(BaseCommand):
    """Show what every policy would remove now; remove it with --apply."""

    help = "Shows what is due to go, with a few names; with --apply it goes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--apply", action="store_true", help="remove what is due; nothing is removed without it"
        )
        parser.add_argument("--policy", default="", help="the name of one policy")

    def handle(self, *_args: Any, **options: Any) -> None:
        known = [policy.name for policy in policies()]
        if options["policy"] and options["policy"] not in known:
            raise CommandError(f"There is no such policy. There are: {', '.join(known)}.")
        for found in previews(now=clock.now(), policy=options["policy"]):
            where = f" in {found.organization}" if found.organization else ""
            samples = f", such as {', '.join(found.samples)}" if found.samples else ""
            self.stdout.write(
                f"{found.policy.name}{where}: {found.count} to {found.policy.action}, "
                f"older than {found.days} days{samples}"
            )
            if options["apply"]:
                run = carry_out(found.policy, found.organization, by=SYSTEM, clock=clock.now)
                if run is not None:
                    self.stdout.write(f"  {run.done} gone by {run.public_id}, certificate {run.certificate}")
        if not options["apply"]:
            self.stdout.write("Nothing was changed. Run it with --apply to have it go.")
