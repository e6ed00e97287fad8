"""Take an existing file of known frauds into the registry, as the fraud worker may; run again, it goes on."""

import os
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from fraud.models import Institution
from fraud.rules.sources import SourceError, annotated
from fraud.screening.consortium import NoAnswerError, registry
from fraud.screening.importing import ImportDocument, Progress, RecordFile, Reject

_BLOCK = 1024 * 1024


class Command(BaseCommand):
    help = "Take a file of known frauds into the consortium's registry."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--mapping", type=Path, required=True, help="JSON: how to read it (docs/consortium.md)"
        )
        parser.add_argument("--institution", required=True, help="code of the member whose records they are")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        target = registry()
        if target is None:
            raise CommandError("REGISTRY_URL names no registry.")
        try:
            document = msgspec.json.decode(options["mapping"].read_bytes(), type=ImportDocument)
            institution = Institution.objects.get(code=options["institution"])
        except (OSError, msgspec.MsgspecError, Institution.DoesNotExist) as error:
            raise CommandError(str(error)) from error
        mark = path.with_name(f"{path.name}.done")
        after = int(mark.read_text()) if mark.exists() else 0
        file = RecordFile(_blocks(path), document, institution=institution.public_id)
        started = time.monotonic()
        try:
            with _private(path.with_name(f"{path.name}.rejects")) as rejects:
                for progress in file.told_to(target, after=after, reject=_Rejects(rejects, file)):
                    _write_whole(mark, str(progress.rows))
                    self._show(progress, (progress.rows - after) / (time.monotonic() - started))
        except NoAnswerError as error:
            raise CommandError(f"The registry does not answer ({error.detail}); run this again.") from error
        except SourceError as error:
            raise CommandError(str(error)) from error

    def _show(self, progress: Progress, rate: float) -> None:
        self.stdout.write(
            f"{progress.rows:,} rows, {progress.new:,} new, {progress.rejected:,} rejected, {rate:,.0f} a second"
        )


class _Rejects:
    """Writes rejected rows as they came, each with its line, field and code."""

    def __init__(self, file: Any, records: RecordFile) -> None:
        self._file, self._records = file, records

    def __call__(self, reject: Reject) -> None:
        cells: dict[str, str | int] = {
            "reject_line": reject.raw.line,
            "reject_field": reject.field,
            "reject_code": reject.code,
        }
        self._file.write(annotated(reject.raw.words, self._records.layout, self._records.head, cells))


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _write_whole(path: Path, text: str) -> None:
    """Write a small file so that a kill leaves the old one or the new one."""
    new = path.with_name(f"{path.name}.new")
    new.write_text(text)
    new.replace(path)


def _private(path: Path) -> Any:
    """Open a file that its owner alone may read, since it holds what the rows say."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
