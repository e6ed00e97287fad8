"""Verify the trail: the chain against the tables, the anchors in their bucket, or an export by itself."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.audit.queries.anchored import verify_anchors
from portal.audit.queries.verifying import verify_chain
from portal.core.language import grouped
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
        says = _(
            "Sound: %(links)s from position %(first)s to %(last)s, %(runs)s and %(anchors)s with them, "
            "in %(seconds)s s."
        )
        facts = {"links": _links(done.links), "runs": _runs(done.runs), "anchors": _anchors(done.anchors)}
        span = {"first": done.first, "last": done.last, "seconds": grouped(seconds, 1)}
        self.stdout.write(says % {**facts, **span})

    def _verify_anchors(self, *, in_bucket: bool) -> None:
        done = verify_anchors(in_bucket=in_bucket)
        says = _("Sound: %(anchors)s, %(objects)s in the bucket, %(signatures)s.")
        objects = ngettext("%(count)s object", "%(count)s objects", done.put) % {"count": grouped(done.put)}
        facts = {"anchors": _anchors(done.kept), "signatures": _signatures(done.signatures)}
        self.stdout.write(says % {**facts, "objects": objects})
        if done.kept and not done.signatures:
            self.stdout.write(_("No signature was checked: this process knows no key of the trail."))

    def _verify_export(self, path: Path, keys: list[Path]) -> None:
        try:
            check = self._check(keys)
            with path.open("rb") as lines:
                done: Verified = verify_export(lines, check, lambda seen: self._show(seen.links, 0))
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from None
        says = _(
            "Sound: positions %(first)s to %(last)s, %(hidden)s of them hidden, with %(anchors)s and %(signatures)s."
        )
        span = {"first": done.first, "last": done.last, "hidden": grouped(done.hidden)}
        facts = {"anchors": _anchors(done.anchors), "signatures": _signatures(done.signatures)}
        self.stdout.write(says % {**span, **facts})

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


def _links(count: int) -> str:
    return ngettext("%(count)s link", "%(count)s links", count) % {"count": grouped(count)}


def _runs(count: int) -> str:
    return ngettext("%(count)s run", "%(count)s runs", count) % {"count": grouped(count)}


def _anchors(count: int) -> str:
    return ngettext("%(count)s anchor", "%(count)s anchors", count) % {"count": grouped(count)}


def _signatures(count: int) -> str:
    return ngettext("%(count)s signature", "%(count)s signatures", count) % {"count": grouped(count)}
