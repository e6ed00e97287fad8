"""Logs: one event a line, JSON for machines or words for people, with the request's id on each."""

import logging
import logging.config
from typing import Any

import structlog

from portal.core.redaction import redact


def without_trace(record: logging.LogRecord) -> bool:
    """Let a refusal pass as one line: the trace of what is no error tells nothing."""
    if record.levelno < logging.ERROR:
        record.exc_info = None
    return True


def configure(options: dict[str, Any]) -> None:
    """Set up structlog and send what the standard library logs through it as well."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer = (
        structlog.processors.JSONRenderer()
        if options["json"]
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            # Last, so that exceptions are text by then.
            redact,
            renderer,
        ],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"events": formatter},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "events"}},
            "root": {"handlers": ["stderr"], "level": options["level"]},
            "loggers": {
                "django.server": {"level": "WARNING"},
                "django.request": {"filters": [without_trace]},
                "botocore": {"level": "WARNING"},
            },
        }
    )
