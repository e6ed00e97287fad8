"""Long lists a page at a time: each page names the last row of the one before, so that new rows move nothing."""

from typing import Any, NamedTuple, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from portal.core.errors import InvalidError
from portal.core.phrases import Phrase

M = TypeVar("M", bound=Model)
USUAL, MOST = 50, 200

PAGE = [
    OpenApiParameter("cursor", OpenApiTypes.STR, description="`next` of the page before."),
    OpenApiParameter(
        "limit", OpenApiTypes.INT, description=f"Rows a page, up to {MOST}; {USUAL} if not given."
    ),
]


class Page(NamedTuple):
    """Rows, and the cursor of the next page or None."""

    rows: list[Any]
    next: str | None


def page_of(rows: QuerySet[M], request: Request) -> Page:
    """Cut one page out of rows that are ordered newest first.

    :raises InvalidError: a limit out of range, or a cursor that names no row of the caller's
    """
    limit = _limit(request.query_params.get("limit", str(USUAL)))
    cursor = request.query_params.get("cursor", "")
    if cursor:
        last = rows.filter(public_id=cursor[:64]).values_list("pk", flat=True).first()
        if last is None:
            raise InvalidError.of("cursor", Phrase("Use `next` of the page before."))
        rows = rows.filter(pk__lt=last)
    found = list(rows[: limit + 1])
    is_more = len(found) > limit
    found = found[:limit]
    return Page(found, str(getattr(found[-1], "public_id", "")) if is_more else None)


def _limit(given: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) < 5 and 1 <= int(given) <= MOST):
        raise InvalidError.of("limit", Phrase("A page has 1 to {most} rows.", most=MOST))
    return int(given)
