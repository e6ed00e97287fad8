"""`POST /api/v1/submissions/{id}/…` and the files of a finished submission."""

from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from fraud.api.submissions import SubmissionOutput, SubmissionView, shown
from fraud.operations.submissions.assembling import file_name_of, result_pieces
from fraud.operations.submissions.receiving import complete_upload
from fraud.operations.submissions.steering import (
    cancel_submission,
    pause_submission,
    resume_submission,
    retry_submission,
)
from portal.api.idempotency import idempotent
from portal.api.schema import FORBIDDEN, IDEMPOTENCY_KEY, NOT_FOUND, WRONG_STATE, refusals
from portal.audit.operations import record_reading
from portal.core import clock

_SHOWN = {200: SubmissionOutput} | refusals(FORBIDDEN, NOT_FOUND, WRONG_STATE)
_FILE = {200: OpenApiResponse(OpenApiTypes.BINARY, "The file.")} | refusals(NOT_FOUND, is_change=False)


class EmptyInput(serializers.Serializer[Any]):
    """An empty object."""


class SubmissionVerb(SubmissionView):
    """What all verbs share: the submission as the answer."""

    def answer(self) -> Response:
        """Show the submission as it is after the act."""
        return Response(shown(self.submission()))


class CompleteSubmission(SubmissionVerb):
    """End an upload."""

    @extend_schema(
        operation_id="complete_submission",
        summary="Say that every part is uploaded; missing parts are named, and the upload can go on",
        request=EmptyInput,
        parameters=[IDEMPOTENCY_KEY],
        responses=_SHOWN,
    )
    @idempotent
    def post(self, request: Request, public_id: str) -> Response:
        complete_upload(self.submission(), by=self.actor, clock=clock.now)
        return self.answer()


class PauseSubmission(SubmissionVerb):
    """Hold a submission."""

    @extend_schema(
        operation_id="pause_submission",
        summary="Begin no further part of a submission",
        request=EmptyInput,
        parameters=[IDEMPOTENCY_KEY],
        responses=_SHOWN,
    )
    @idempotent
    def post(self, request: Request, public_id: str) -> Response:
        pause_submission(self.submission(), by=self.actor, now=clock.now())
        return self.answer()


class ResumeSubmission(SubmissionVerb):
    """Go on."""

    @extend_schema(
        operation_id="resume_submission",
        summary="Go on with a paused submission",
        request=EmptyInput,
        parameters=[IDEMPOTENCY_KEY],
        responses=_SHOWN,
    )
    @idempotent
    def post(self, request: Request, public_id: str) -> Response:
        resume_submission(self.submission(), by=self.actor, now=clock.now())
        return self.answer()


class CancelSubmission(SubmissionVerb):
    """End it early."""

    @extend_schema(
        operation_id="cancel_submission",
        summary="End a submission before its result; what was screened stays on record",
        request=EmptyInput,
        parameters=[IDEMPOTENCY_KEY],
        responses=_SHOWN,
    )
    @idempotent
    def post(self, request: Request, public_id: str) -> Response:
        cancel_submission(self.submission(), by=self.actor, now=clock.now())
        return self.answer()


class RetrySubmission(SubmissionVerb):
    """Try again."""

    @extend_schema(
        operation_id="retry_submission",
        summary="Try the parts of a submission again that failed",
        request=EmptyInput,
        parameters=[IDEMPOTENCY_KEY],
        responses=_SHOWN,
    )
    @idempotent
    def post(self, request: Request, public_id: str) -> Response:
        retry_submission(self.submission(), by=self.actor, now=clock.now())
        return self.answer()


class _FileView(SubmissionView):
    kind = ""

    def stream(self) -> StreamingHttpResponse:
        """Hand a file out block by block; who took it away is written down."""
        submission = self.submission()
        pieces = result_pieces(submission, self.kind)
        record_reading(self.actor, "submission.downloaded", submission, now=clock.now(), file=self.kind)
        answer = StreamingHttpResponse(pieces, content_type="application/octet-stream")
        answer["Content-Disposition"] = f'attachment; filename="{file_name_of(submission, self.kind)}"'
        return answer


class SubmissionResult(_FileView):
    """The result file."""

    kind = "result"

    @extend_schema(
        operation_id="get_submission_result",
        summary="Fetch the result in the layout of the file that was sent",
        responses=_FILE,
    )
    def get(self, request: Request, public_id: str) -> StreamingHttpResponse:
        return self.stream()


class SubmissionRejects(_FileView):
    """The reject file."""

    kind = "rejects"

    @extend_schema(
        operation_id="get_submission_rejects",
        summary="Fetch the rejected rows in the layout of the file that was sent; mended, they can be sent again",
        responses=_FILE,
    )
    def get(self, request: Request, public_id: str) -> StreamingHttpResponse:
        return self.stream()
