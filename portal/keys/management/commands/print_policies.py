"""`bin/manage print_policies`: the IAM policies of every process on AWS, from portal/privileges.py."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.core.errors import DomainError
from portal.core.iam import Names, policy
from portal.core.keys import keyring
from portal.crypto.keyring import NotHeldError, Purpose
from portal.keys.queries import wrapping_keys
from portal.privileges import BUCKETS, KEYS, Process

_KEY = re.compile(r"arn:aws[\w-]*:kms:[\w-]+:\d{12}:key/[\w-]+")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w./-]*\w)?")


class Command(BaseCommand):
    help = "Print the IAM policy of each process as JSON: process → policy."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--process", choices=[str(process) for process in Process], help="print this one's alone"
        )
        parser.add_argument(
            "--key",
            action="append",
            default=[],
            metavar="PURPOSE=ARN",
            help="a key of a purpose, may be given twice; else those that the KMS and the database name",
        )
        parser.add_argument(
            "--bucket",
            action="append",
            default=[],
            metavar="NAME=BUCKET[/PREFIX]",
            help="a bucket: printers (each of those in our own account), trail (else TRAIL_BUCKET)",
        )
        parser.add_argument(
            "--bucket-key", default="", metavar="ARN", help="else S3_KMS_KEY_ID, if that is an ARN"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = [Process(options["process"])] if options["process"] else list(Process)
        # Slips are found before the KMS is asked.
        keys = _pairs(options["key"], _KEY, {str(purpose) for purpose in Purpose})
        buckets = _pairs(options["bucket"], _BUCKET, set(BUCKETS))
        try:
            names = Names(
                keys=_keys(wanted, keys),
                buckets=_buckets(wanted, buckets),
                bucket_key=_bucket_key(options["bucket_key"]),
                region=settings.S3_REGION,
                locked=frozenset({"trail"} if settings.TRAIL_LOCK_DAYS else ()),
            )
        except (DomainError, NotHeldError) as error:
            raise CommandError(str(error)) from None
        policies = {str(process): policy(process, names) for process in wanted}
        self.stdout.write(json.dumps(policies, indent=2))


def _pairs(given: Sequence[str], shape: re.Pattern[str], known: set[str]) -> dict[str, list[str]]:
    pairs: dict[str, list[str]] = defaultdict(list)
    for pair in given:
        name, _is, value = pair.partition("=")
        if name not in known or not shape.fullmatch(value):
            raise CommandError(
                f"{pair} is none of {', '.join(sorted(known))}, =, and the whole name of one thing."
            )
        pairs[name].append(value)
    return pairs


def _keys(wanted: Sequence[Process], given: Mapping[str, list[str]]) -> dict[Purpose, list[str]]:
    return {
        purpose: given.get(str(purpose)) or _known_keys(purpose)
        for purpose, whose in KEYS.items()
        if set(whose) & set(wanted)
    }


def _known_keys(purpose: Purpose) -> list[str]:
    """Name the key behind the alias, and older ones under which something still lies."""
    if settings.KEY_PROVIDER != "kms":
        raise CommandError(
            f"Name the key of {purpose}: --key {purpose}=ARN (or run this with KEY_PROVIDER=kms)."
        )
    newest = keyring().newest(purpose).id
    return [newest, *sorted(wrapping_keys(purpose) - {newest, ""})]


def _buckets(wanted: Sequence[Process], given: Mapping[str, list[str]]) -> dict[str, list[str]]:
    known = {"trail": [settings.TRAIL_BUCKET]} if settings.TRAIL_BUCKET else {}
    found = {**known, **given}
    missing = [name for name, whose in BUCKETS.items() if set(whose) & set(wanted) and name not in found]
    if missing:
        raise CommandError(f"Name the buckets: {', '.join(f'--bucket {name}=BUCKET' for name in missing)}.")
    return found


def _bucket_key(given: str) -> str:
    key = given or settings.S3_KMS_KEY_ID
    if key and not _KEY.fullmatch(key):
        raise CommandError(f"{key} is not the ARN of a key. Name it: --bucket-key ARN.")
    return key
