"""Fill an empty installation with a demonstration: two markets, a printer, delivered codes, people, clients."""

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campaigns.management.demo import Demo, is_inhabited
from portal.core import clock


class Command(BaseCommand):
    help = "Fill an empty installation with a demonstration, and write its logins to a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, required=True, help="where to write the logins, as JSON")
        parser.add_argument("--codes", type=int, default=1_000_000, help="codes in the delivered batch")

    def handle(self, *args: Any, **options: Any) -> None:
        out, folder = Path(options["out"]), Path(options["out"]).parent / "demo"
        started = folder / "started"
        if out.exists():
            self.stdout.write("The demonstration is there already.")
            return
        if started.exists() and is_inhabited():
            raise CommandError("The demonstration was interrupted half-way. Start over: bin/up --fresh")
        if is_inhabited():
            self.stdout.write(
                "People work here already; the demonstration is only for an empty installation."
            )
            return
        folder.mkdir(parents=True, exist_ok=True)
        started.touch()
        facts = Demo(now=clock.now(), folder=folder, say=self.stdout.write).seed(codes=options["codes"])
        # The file holds passwords and keys: nobody else may read it, from its first byte on.
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(facts, file, indent=1)
        started.unlink()
        self.stdout.write(f"Logins and keys are in {out}.")
