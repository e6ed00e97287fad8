"""Checks before the start: the addresses of streams name sinks."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from portal.core.streams import name_of, sink_at


def check_streams(**_options: Any) -> list[CheckMessage]:
    """Refuse addresses that name no sink, and two that differ in their options alone."""
    problems: list[CheckMessage] = []
    names = [name_of(address) for address in settings.EVENT_STREAMS]
    for address in settings.EVENT_STREAMS:
        try:
            sink_at(address)
        except ValueError as error:
            problems.append(Error(f"EVENT_STREAMS: {error}.", id="security.E001"))
    twice = sorted({name for name in names if names.count(name) > 1})
    return problems + [Error(f"EVENT_STREAMS names {name} twice.", id="security.E002") for name in twice]
