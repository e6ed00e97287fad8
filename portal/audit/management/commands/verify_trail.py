"""Verify the trail: the chain against the tables, the anchors in their bucket, or an export by itself."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.audit.queries.anchored import verify_anchors
from portal.audit.queries.verifying import verify_chain
from portal.core.storage_errors import StorageError
from portal.crypto.chain import ChainError, Check, Verified, signature_check, verify_export


class Command(BaseCommand):
    help = "Verify the chain of the trail, and say where and how it first breaks; exits with 1 if it does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from", type=int, default=1, dest="first", help="the first position to verify (1)"
        )
        parser.add_argument("--anchors", action="store_true", help="every anchor in the bucket too")
        parser.add_argument("--export", type=Path, help="verify this export instead of the database")
        parser.add_argument(
            "--key",
            type=Path,
            action="append",
            default=[],
            help="public key for --export: PEM, or /keys/public.json",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self._started = self._shown = time.monotonic()
        try:
            if options["export"]:
                self._verify_export(options["export"], options["key"])
            else:
                self._verify_chain(options["first"])
                self._verify_anchors(in_bucket=options["anchors"])
        except ChainError as error:
            raise CommandError(f"BROKEN: {error}", returncode=1) from None
        except StorageError as error:
            raise CommandError(f"The anchors could not be read: {error.detail}") from None

    def _verify_chain(self, first: int) -> None:
        done = verify_chain(first, progress=lambda checked: self._show(checked.links, checked.total))
        seconds = time.monotonic() - self._started
        self.stdout.write(
            f"Sound: {done.links:,} links from position {done.first} to {done.last}, {done.runs:,} runs and "
            f"{done.anchors:,} anchors with them, in {seconds:.1f} s."
        )
        if done.removed:
            positions = ", ".join(str(position) for position in done.removed[:20])
            self.stdout.write(
                f"Rows of {len(done.removed)} runs were removed under certificate: {positions}."
            )

    def _verify_anchors(self, *, in_bucket: bool) -> None:
        done = verify_anchors(in_bucket=in_bucket)
        self.stdout.write(
            f"Sound: {done.kept:,} anchors, {done.put:,} objects in the bucket, {done.signatures:,} signatures."
        )
        if done.kept and not done.signatures:
            self.stdout.write("No signature was checked: this process knows no key of the trail.")

    def _verify_export(self, path: Path, keys: list[Path]) -> None:
        try:
            check = self._check(keys)
            with path.open("rb") as lines:
                done: Verified = verify_export(lines, check, lambda seen: self._show(seen.links, 0))
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from None
        self.stdout.write(
            f"Sound: positions {done.first} to {done.last}, {done.hidden:,} of them hidden; {done.anchors:,} "
            f"anchors fit, {done.signatures:,} signatures checked."
        )

    def _check(self, keys: list[Path]) -> Check | None:
        try:
            return signature_check([key.read_text() for key in keys]) if keys else None
        except ValueError:
            raise CommandError("A file given by --key holds no public key of the trail.") from None

    def _show(self, done: int, total: int) -> None:
        """Write how far it is, each second at most."""
        now = time.monotonic()
        if now - self._shown < 1:
            return
        self._shown = now
        rate = done / (now - self._started)
        left = f" of {total:,}, {(total - done) / rate:.0f} s left" if total else ""
        self.stderr.write(f"{done:,} links{left}, {rate:,.0f}/s")
