"""What is done before the processes start, in one Django process: keys, tables, static files, demo."""

import argparse
import hashlib
import io
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from portal.stack.voice import say


def main() -> None:
    """Do each step and say how long it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--demo", type=Path)
    options = parser.parse_args()

    import django

    from portal.celery import app

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    app.set_default()
    django.setup()
    from django.core.management import CommandError

    try:
        _prepare(options.demo)
    except CommandError as error:
        sys.exit(str(error))


def _prepare(demo: Path | None) -> None:
    from django.core.management import call_command

    from portal.core.health import forget_life

    # Otherwise the stack would call itself ready by the signs of life of its last run.
    forget_life()
    _step("keys", _make_keys)
    _step("tables", lambda: call_command("migrate", interactive=False, verbosity=0))
    _step("buckets", _make_buckets)
    _step("privileges", _apply_privileges)
    _step("static files", _collect)
    if demo:
        _step("demo", lambda: call_command("seed_demo", out=str(demo), stdout=sys.stdout))
        _step("banks", lambda: call_command("seed_fraud_demo", out=str(demo), stdout=sys.stdout))


def _step(name: str, act: Callable[[], object]) -> None:
    started = time.monotonic()
    remark = act()
    say(f"{name}: {remark or 'ready'} ({time.monotonic() - started:.1f} s)")


def _make_keys() -> None:
    """Make the key file, but never a second one for data that was sealed with the first."""
    from django.conf import settings
    from django.core.management import CommandError, call_command
    from django.db import connection

    # Keys are made before tables: tables without keys have lost theirs.
    is_set_up = "campaigns_campaign" in connection.introspection.table_names()
    if is_set_up and not settings.KEY_FILE.exists():
        raise CommandError(
            f"The key file {settings.KEY_FILE} is missing; without it no code of this database can be read. "
            "Restore it from its copy, or start over with bin/up --fresh."
        )
    call_command("init_keys", stdout=io.StringIO())


def _make_buckets() -> None:
    """Make the buckets of the trail's anchors and of submissions, in the stack's own store."""
    from django.conf import settings

    from portal.audit.operations.anchoring import trail_bucket
    from portal.core.storage import Bucket

    bucket = trail_bucket()
    if bucket is not None and settings.TRAIL_BUCKET == "countersign-trail":
        bucket.create()
    if settings.S3_ENDPOINT_URL and settings.SUBMISSIONS_BUCKET == "countersign-submissions":
        Bucket(settings.SUBMISSIONS_BUCKET).create()


def _apply_privileges() -> str:
    """Grant each process's role what it may, unless all processes share the one that somebody named."""
    from django.conf import settings
    from django.core.management import call_command

    if not settings.DATABASE_PASSWORDS:
        return "left as they are: DATABASE_URL names one role for all, and DATABASE_PASSWORDS none"
    call_command("apply_privileges", stdout=io.StringIO())
    return ""


def _collect() -> str:
    """Gather and compress the static files, unless none has changed since the last time."""
    from django.conf import settings
    from django.core.management import call_command

    mark = settings.STATIC_ROOT / ".gathered-from"
    state = _fingerprint()
    if mark.exists() and mark.read_text() == state:
        return "unchanged"
    call_command("collectstatic", interactive=False, clear=settings.STATIC_ROOT.exists(), verbosity=0)
    mark.write_text(state)
    return "gathered"


def _fingerprint() -> str:
    """Sum up names, sizes and times of every static file, those of packages included."""
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
