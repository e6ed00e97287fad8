"""CSV that a spreadsheet opens without running anything that is in it."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse

from portal.audit.operations import record_reading
from portal.core.clock import now
from portal.web.requests import actor_behind

# A cell that begins with one of these is a formula to a spreadsheet (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Echo:
    """Hands each line straight back to its writer's caller."""

    def write(self, line: str) -> str:
        return line


def harmless(value: Any) -> Any:
    """Write a value for a cell, with an apostrophe before what a spreadsheet would take for a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return value
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


@dataclass(frozen=True, slots=True)
class Csv:
    """A list that somebody takes away, as the trail names it."""

    public_id: str


def record_export(request: HttpRequest, name: str, **facts: int | str) -> None:
    """Write down that somebody takes a list away, before they get it; `name` is that of the file."""
    record_reading(actor_behind(request), "list.exported", Csv(name[:32]), now=now(), **facts)


def csv_answer(name: str, titles: Sequence[str], lines: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Stream lines as a CSV file in UTF-8, with the mark by which spreadsheets know it."""

    def written() -> Iterator[str]:
        writer = csv.writer(_Echo())
        yield "\ufeff"
        yield writer.writerow([harmless(title) for title in titles])
        for line in lines:
            yield writer.writerow([harmless(value) for value in line])

    response = StreamingHttpResponse(written(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
