"""Add the fraud part to a demonstration that is there: two banks, applications, cases, records."""

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from fraud.management.demo import Demo
from fraud.models import Institution
from portal.core import clock


class Command(BaseCommand):
    help = "Add two banks with their applications to the demonstration, and their logins to its file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, required=True, help="the file of the demonstration's logins")

    def handle(self, *args: Any, **options: Any) -> None:
        out = Path(options["out"])
        if not out.exists() or Institution.objects.exists():
            self.stdout.write("The banks are there already, or nothing else is.")
            return
        facts = json.loads(out.read_text())
        told = Demo(facts["users"], now=clock.now(), say=self.stdout.write).seed()
        facts |= {**told, "clients": facts["clients"] | told["clients"]}
        # Beside it first: nobody reads half a file, and nobody else reads any of it.
        beside = out.with_suffix(".new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(facts, file, indent=1)
        beside.replace(out)
        self.stdout.write(f"The keys of two banks are in {out}.")
