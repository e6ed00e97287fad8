"""Reading request bodies: one JSON object, small, shallow, and nothing that only half the world's parsers accept."""

from collections.abc import Mapping
from typing import IO, Any, cast

import orjson
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

MOST_BYTES = 64 * 1024
# For lists of a thousand files, or ten thousand codes.
MOST_BYTES_OF_LISTS = 2 * 1024 * 1024
MOST_DEPTH = 16


class BodyTooLargeError(APIException):
    """Refuse a body that no request of this API needs."""

    status_code = 413
    default_code = "body-too-large"
    default_detail = _("The request body is too large")

    def __init__(self, most: int) -> None:
        super().__init__(_("A request body has at most %d bytes here.") % most)


class LengthMissingError(APIException):
    """Refuse a body that comes without its length: the server would read nothing of it."""

    status_code = 411
    default_code = "length-required"
    default_detail = _("Send the length of the body as Content-Length; it is not read in chunks here.")


class StrictJSONParser(BaseParser):
    """Accept one JSON object of at most 64 KiB in UTF-8; refuse NaN, NUL and deep nesting."""

    media_type = "application/json"
    most_bytes = MOST_BYTES

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Parse the body.

        :raises BodyTooLargeError: before it is read, where its length is declared
        :raises ParseError: it is not one JSON object
        """
        self._check_length(parser_context or {})
        body = stream.read(self.most_bytes + 1)
        if len(body) > self.most_bytes:
            raise BodyTooLargeError(self.most_bytes)
        try:
            parsed = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(_("The body is not JSON: %s.") % error.msg) from error
        if not isinstance(parsed, dict):
            raise ParseError(_("The body must be one JSON object."))
        _check_content(parsed, MOST_DEPTH)
        return cast("dict[str, Any]", parsed)

    def _check_length(self, context: Mapping[str, Any]) -> None:
        request = context.get("request")
        declared = request.META.get("CONTENT_LENGTH") if request is not None else None
        if declared and declared.isdigit() and int(declared) > self.most_bytes:
            raise BodyTooLargeError(self.most_bytes)


class LongJSONParser(StrictJSONParser):
    """The same with more room, for the few endpoints that take long lists."""

    most_bytes = MOST_BYTES_OF_LISTS


def _check_content(value: object, depth: int) -> None:
    """Refuse what PostgreSQL cannot hold or a recursive reader cannot take."""
    if isinstance(value, str):
        # JSON may say \u0000; no text column can.
        if "\0" in value:
            raise ParseError(_("Text must not contain the character NUL."))
        return
    if not isinstance(value, dict | list):
        return
    if depth == 0:
        raise ParseError(_("The body is nested too deeply."))
    for part in value.values() if isinstance(value, dict) else value:
        _check_content(part, depth - 1)
