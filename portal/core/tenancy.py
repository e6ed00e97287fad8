"""Whose rows this thread of work may reach: set for a request or task, and put on the database's connection.

The database's own policies (row-level security) read it; see portal/core/postgres. What is not set reaches nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar, cast

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

T = TypeVar("T")

# The setting of the database's session that its policies read: "", "*" or ids of organizations with commas.
VARIABLE = "countersign.tenants"
NOTHING = ""
EVERYWHERE = "*"

_tenants: ContextVar[str] = ContextVar("tenants", default=NOTHING)


def organizations(ids: Iterable[int]) -> str:
    """Write the organizations within which somebody acts; none is nothing, never everything."""
    return ",".join(str(pk) for pk in sorted(set(ids)))


def tenants() -> str:
    """Give what the rows reached by this thread of work belong to."""
    return _tenants.get()


def act_within(tenants: str) -> None:
    """Reach these tenants' rows until the surrounding `acting_within` ends: for doors, once they know who acts."""
    _tenants.set(tenants)


@contextmanager
def acting_within(tenants: str) -> Iterator[None]:
    """Reach these tenants' rows in the block, and what was reached before after it."""
    before = _tenants.set(tenants)
    try:
        yield
    finally:
        _tenants.reset(before)


class TenancyMiddleware:
    """Begin each request with nothing in reach, and leave nothing to the next one on the same thread."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with acting_within(NOTHING):
            response = self.get_response(request)
            if response.streaming:
                stream = cast("StreamingHttpResponse", response)
                # It is read after this, perhaps by another thread.
                parts = cast("Iterable[bytes]", stream.streaming_content)
                stream.streaming_content = _read_within(tenants(), parts)
            return response


def _read_within(tenants: str, parts: Iterable[T]) -> Iterator[T]:
    left = iter(parts)
    while True:
        with acting_within(tenants):
            try:
                part = next(left)
            except StopIteration:
                return
        yield part
