"""Watches what the whole test run logs, as it would be written, for planted secrets and personal data."""

import json
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import structlog

from portal.core.redaction import redact
from tests import makers

# What every person, client, member and printer of the tests carries somewhere.
PLANTED = re.compile(
    "|".join(
        (
            re.escape(makers.PASSWORD),
            r"[\w.]+@example\.(com|org)",
            r"\bext:[\w-]",
            r"\bcs_[a-z0-9]{8}_[A-Za-z0-9_-]{20}",
            r"AGE-SECRET-KEY-1[A-Z0-9]{10}",
        )
    )
)
# Passwords of the engines stand in settings of these names.
_SECRET_SETTINGS = ("SECRET_KEY", "S3_SECRET_KEY")


class Watch(logging.Handler):
    """Write each line as production does, and keep those in which something planted shows."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.found: list[str] = []
        self._secrets = [os.environ[name] for name in _SECRET_SETTINGS if len(os.environ.get(name, "")) > 12]
        self._secrets += [
            found[1]
            for name in ("DATABASE_URL", "REDIS_URL")
            if (found := re.search(r"://[^:]*:([^@]{12,})@", os.environ.get(name, "")))
        ]
        self.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=[structlog.stdlib.add_log_level],
                processors=[
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    redact,
                    structlog.processors.JSONRenderer(default=str),
                ],
            )
        )

    def emit(self, record: logging.LogRecord) -> None:
        # Other handlers format the same record, each its own copy.
        line = self.format(logging.makeLogRecord(record.__dict__))
        if PLANTED.search(line) or any(secret in line for secret in self._secrets):
            self.found.append(line)

    def listen(self) -> None:
        """Watch the log of this process; again where a test has set up logging anew."""
        logging.getLogger().addHandler(self)


def found_in_logs(data: Path) -> list[str]:
    """List the lines of a stack's log files in which its secrets, its people or its keys show."""
    secrets = set(_texts(data / "secrets.json")) | set(_texts(data / "demo.json", only="password|key|secret"))
    lines = (
        line
        for log in sorted((data / "logs").glob("*.log"))
        for line in log.read_text(errors="replace").splitlines()
    )
    return [line for line in lines if PLANTED.search(line) or any(secret in line for secret in secrets)]


def _texts(path: Path, only: str = ".") -> Iterator[str]:
    """Every text in a JSON file that is long enough to be a secret, under names that say so."""

    def walk(value: Any, name: str) -> Iterator[str]:
        if isinstance(value, dict):
            for key, part in value.items():
                yield from walk(part, key)
        elif isinstance(value, str) and len(value) >= 12 and re.search(only, name):
            yield value

    if path.exists():
        yield from walk(json.loads(path.read_text()), "")
