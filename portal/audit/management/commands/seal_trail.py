"""Seal the trail by hand: what the trail-worker does every few seconds."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.audit.operations.sealing import SealedElsewhereError, seal_entries, seal_run
from portal.audit.runs import run_sources
from portal.core import clock


class Command(BaseCommand):
    help = "Seal every entry of the trail that no link of the chain holds yet, and the runs that are ready."

    def handle(self, *args: Any, **options: Any) -> None:
        entries = ids = 0
        try:
            while found := seal_entries(now=clock.now()):
                entries += found
                self.stderr.write(f"{entries:,} entries", ending="\r")
            for source in run_sources().values():
                while found := seal_run(source, now=clock.now()):
                    ids += found
                    self.stderr.write(f"{source.name}: {ids:,} ids", ending="\r")
        except SealedElsewhereError:
            raise CommandError("Another sealer is at work; it will seal this too.") from None
        self.stdout.write(f"Sealed {entries:,} entries, and runs of {ids:,} ids.")
