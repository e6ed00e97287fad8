"""`/api/v1/submissions`: announce a file, upload it in parts, follow it, and fetch its result."""

from dataclasses import asdict
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from fraud.models import Institution, Submission
from fraud.operations.submissions.addresses import part_addresses
from fraud.operations.submissions.assembling import file_name_of
from fraud.operations.submissions.receiving import (
    PART_BYTES,
    Announcement,
    begin_upload,
    open_submission,
)
from fraud.queries.layouts import current_layout
from fraud.queries.submissions import progress, receiving_institutions, rejects_by_code, submissions
from fraud.rules.submissions import DONE, SubmissionDoor, SubmissionState
from portal.api.fields import TextField, WholeField
from portal.api.idempotency import idempotent
from portal.api.pages import PAGE, page_of
from portal.api.schema import FORBIDDEN, IDEMPOTENCY_KEY, INVALID, NOT_FOUND, WRONG_STATE, refusals
from portal.api.views import ApiView, found
from portal.core import clock
from portal.core.errors import ForbiddenError
from portal.core.language import said
from portal.core.phrases import Phrase

# Named in the settings, so that the document calls them by their name.
SUBMISSION_STATES = [(state.value, state.value) for state in SubmissionState]
_USUAL = (FORBIDDEN, NOT_FOUND, WRONG_STATE)


class SubmissionInput(serializers.Serializer[Any]):
    """A file that is going to be sent."""

    layout = TextField(
        max_length=64,
        required=False,
        default="",
        allow_blank=True,
        help_text="One of your mappings; empty for the default of your client, or of your institution.",
    )
    size = WholeField(min_value=1, help_text="Bytes of the file as it is sent.")
    sha256 = TextField(max_length=64, help_text="Of the file as it is sent, in lower-case hexadecimal.")
    file_name = TextField(max_length=200, required=False, default="", allow_blank=True)
    rows = WholeField(
        required=False,
        default=None,
        allow_null=True,
        min_value=1,
        help_text="Control total: rows of the file.",
    )
    total = serializers.DecimalField(
        max_digits=24,
        decimal_places=4,
        required=False,
        default=None,
        allow_null=True,
        help_text="Control total: sum of the mapping's amount column.",
    )


class PartOutput(serializers.Serializer[Any]):
    """Where one part is to be PUT."""

    number = serializers.IntegerField()
    size = serializers.IntegerField()
    url = serializers.CharField()


class UploadOutput(serializers.Serializer[Any]):
    """How to upload: PUT these parts, each to its address, then complete. Ask again for those that are missing."""

    part_size = serializers.IntegerField()
    parts = PartOutput(many=True)


class SubmissionProgressOutput(serializers.Serializer[Any]):
    """How far it is."""

    rows = serializers.IntegerField()
    done = serializers.IntegerField()
    stored = serializers.IntegerField()
    screened = serializers.IntegerField()
    rejected = serializers.IntegerField()
    clear = serializers.IntegerField()
    review = serializers.IntegerField()
    refer = serializers.IntegerField()
    degraded = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True, help_text="Rows a second.")
    seconds_left = serializers.FloatField(allow_null=True)
    heard_at = serializers.DateTimeField(allow_null=True)


class RejectCount(serializers.Serializer[Any]):
    """How many rows were rejected for one reason."""

    code = serializers.CharField()
    field = serializers.CharField()
    rows = serializers.IntegerField()


class SubmissionFile(serializers.Serializer[Any]):
    """A file to fetch; the signature is Ed25519 over "SHA256␠␠NAME⏎", as sha256sum writes it."""

    name = serializers.CharField()
    url = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    signature = serializers.CharField()


class SubmissionSummary(serializers.Serializer[Any]):
    """A submission in a list."""

    id = serializers.CharField()
    state = serializers.ChoiceField(SUBMISSION_STATES)
    paused = serializers.BooleanField()
    layout = serializers.CharField()
    file_name = serializers.CharField()
    size = serializers.IntegerField(allow_null=True)
    sha256 = serializers.CharField()
    created_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    files_erased_at = serializers.DateTimeField(
        allow_null=True, help_text="When its files were deleted, because they had been kept long enough."
    )
    problem = serializers.CharField(help_text="Why the file cannot be read or worked on, in words.")
    same_as = serializers.CharField(
        allow_null=True, help_text="The submission that brought the same file first."
    )


class SubmissionOutput(SubmissionSummary):
    """A submission with its progress, what is left to upload, and its files."""

    progress = SubmissionProgressOutput()
    rejects = RejectCount(many=True)
    upload = UploadOutput(allow_null=True)
    result = SubmissionFile(allow_null=True)
    reject_file = SubmissionFile(allow_null=True)


class SubmissionPage(serializers.Serializer[Any]):
    """Submissions, newest first."""

    items = SubmissionSummary(many=True)
    next = serializers.CharField(allow_null=True)


class Submissions(ApiView):
    """Announce files and list them."""

    @extend_schema(
        operation_id="list_submissions",
        summary="List your submissions",
        parameters=PAGE,
        responses={200: SubmissionPage} | refusals(INVALID, is_change=False),
    )
    def get(self, request: Request) -> Response:
        page = page_of(submissions(self.actor), request)
        return Response({"items": [_summary(each) for each in page.rows], "next": page.next})

    @extend_schema(
        operation_id="open_submission",
        summary="Announce a file and get addresses for its parts",
        description="The same file under the same mapping leads to the first submission (200), with its result.",
        request=SubmissionInput,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: SubmissionOutput, 200: SubmissionOutput} | refusals(FORBIDDEN),
    )
    @idempotent
    def post(self, request: Request) -> Response:
        given, institution, now = self.read(SubmissionInput), self._institution(), clock.now()
        name, document, checksum = current_layout(
            institution, given.pop("layout"), client_id=self.actor.client_id
        )
        announced = Announcement(
            layout=name, mapping=document, mapping_checksum=checksum, door=SubmissionDoor.API, **given
        )
        submission = open_submission(institution, announced, by=self.actor, now=now)
        if submission.state == SubmissionState.WAITING_FOR_UPLOAD:
            submission = begin_upload(submission, by=self.actor, clock=clock.now)
        is_new = submission.created_at == now
        return Response(
            shown(submission), status=201 if is_new else 200, headers={"Location": address(submission)}
        )

    def _institution(self) -> Institution:
        institution = receiving_institutions(self.actor).first()
        if institution is None:
            raise ForbiddenError(Phrase("This key may not send files."))
        return institution


class SubmissionView(ApiView):
    """What addresses of one submission share."""

    def submission(self) -> Submission:
        return found(submissions(self.actor), self.kwargs["public_id"])


class OneSubmission(SubmissionView):
    """Follow a submission."""

    @extend_schema(
        operation_id="get_submission",
        summary="Show a submission with its progress, what is left to upload, and its files",
        responses={200: SubmissionOutput} | refusals(NOT_FOUND, is_change=False),
    )
    def get(self, request: Request, public_id: str) -> Response:
        return Response(shown(self.submission()))


def _summary(submission: Submission) -> dict[str, Any]:
    return {
        "id": submission.public_id,
        "state": submission.state,
        "paused": submission.is_paused,
        "layout": submission.layout,
        "file_name": submission.file_name,
        "size": submission.size if submission.size is not None else submission.declared_size,
        "sha256": submission.sha256 or submission.declared_sha256,
        "created_at": submission.created_at,
        "received_at": submission.arrived_at,
        "ended_at": submission.ended_at,
        "files_erased_at": submission.files_erased_at,
        "problem": said(submission.problem),
        "same_as": submission.same_as.public_id if submission.same_as else None,
    }


def shown(submission: Submission) -> dict[str, Any]:
    """Lay out a submission with its progress, missing parts and files."""
    far = progress(submission, now=clock.now())
    is_waiting = submission.state == SubmissionState.WAITING_FOR_UPLOAD
    parts = [asdict(each) for each in part_addresses(submission)]
    rejects = rejects_by_code(submission)
    return _summary(submission) | {
        "progress": asdict(far) | {"done": far.done},
        "rejects": [{"code": code, "field": field, "rows": rows} for code, field, rows in rejects],
        "upload": {"part_size": PART_BYTES, "parts": parts} if is_waiting else None,
        "result": _file(submission, "result"),
        "reject_file": _file(submission, "rejects"),
    }


def _file(submission: Submission, kind: str) -> dict[str, Any] | None:
    if submission.state not in DONE or submission.files_erased_at is not None:
        return None
    return {
        "name": file_name_of(submission, kind),
        "url": f"{address(submission)}/{kind}",
        **{part: getattr(submission, f"{kind}_{part}") for part in ("size", "sha256", "signature")},
    }


def address(submission: Submission) -> str:
    """Give the path of a submission in the API."""
    return reverse("api-submission", args=[submission.public_id])
