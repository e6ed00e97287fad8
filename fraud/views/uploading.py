"""Sending a file by the portal: announced by a form, then streamed into the bucket as the browser sends it."""

from typing import Any

from django.contrib import messages
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from fraud.forms.submissions import AnnounceForm, FileForm
from fraud.models import Submission
from fraud.operations.submissions.receiving import Announcement, Intake, open_submission
from fraud.queries.layouts import current_layout
from fraud.queries.submissions import receiving_institutions, submissions
from fraud.rules.submissions import SubmissionDoor, SubmissionState
from portal.accounts.roles import Act
from portal.core import clock
from portal.core.errors import InvalidError
from portal.web.finding import found
from portal.web.forms import form_page
from portal.web.guards import require
from portal.web.pieces import Crumb
from portal.web.requests import PageRequest


@require(Act.SUBMISSION_SEND)
def submission_new(request: PageRequest) -> HttpResponse:
    """Announce a file; the next page takes it."""
    form = AnnounceForm(receiving_institutions(request.actor), request.POST or None)

    def act() -> HttpResponse:
        given = form.cleaned_data
        institution = given["institution"]
        name, document, checksum = current_layout(institution, given["layout"])
        announced = Announcement(name, document, checksum, SubmissionDoor.PORTAL, rows=given["rows"])
        submission = open_submission(institution, announced, by=request.actor, now=clock.now())
        return redirect("submission-upload", submission.public_id)

    crumbs = [Crumb(_("Submissions"), reverse("submissions"))]
    return form_page(
        request, form, act, title=_("Send a file"), crumbs=crumbs, back_url=reverse("submissions")
    )


# The handler must be chosen before anybody reads the body, which the check of the form's secret does: it comes inside.
@csrf_exempt
@require(Act.SUBMISSION_SEND)
def submission_upload(request: PageRequest, public_id: str) -> HttpResponseBase:
    """Take the file of an announced submission."""
    submission = found(submissions(request.actor, Act.SUBMISSION_SEND), public_id)
    if submission.state != SubmissionState.WAITING_FOR_UPLOAD:
        return redirect("submission", public_id)
    handler = BucketHandler(submission)
    if request.method == "POST":
        request.upload_handlers = [handler]
    try:
        return _take(request, submission, handler)
    finally:
        # Nothing is left of a file that did not come whole, or with a wrong secret.
        handler.abort()


submission_upload.takes_files = True  # type: ignore[attr-defined]


@csrf_protect
def _take(request: PageRequest, submission: Submission, handler: "BucketHandler") -> HttpResponse:
    is_sent = request.method == "POST"
    form = FileForm(request.POST if is_sent else None)
    # The file has gone into the bucket by now; there is none for the form to check.
    form.fields["file"].required = not is_sent

    def act() -> HttpResponse:
        if handler.refusal is not None:
            raise handler.refusal
        if handler.intake is None:
            raise InvalidError.of("file", _("Choose a file."))
        handler.intake.receive(by=request.actor, clock=clock.now)
        messages.success(request, _("The file has arrived. It is being read."))
        return redirect("submission", submission.public_id)

    crumbs = [Crumb(_("Submissions"), reverse("submissions"))]
    return form_page(
        request, form, act, title=_("Send the file"), crumbs=crumbs, back_url=reverse("submissions")
    )


class BucketHandler(FileUploadHandler):
    """Seals a file frame by frame on its way into the bucket; memory holds one frame."""

    chunk_size = 1 << 20

    def __init__(self, submission: Submission) -> None:
        super().__init__()
        self.submission = submission
        self.intake: Intake | None = None
        self.refusal: InvalidError | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin; a second file is none of ours."""
        super().new_file(*args, **kwargs)
        if self.intake is not None:
            raise StopUpload(connection_reset=True)
        self.intake = Intake(self.submission)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        try:
            if self.intake is not None:
                self.intake.write(raw_data)
        except InvalidError as error:
            self.refusal = error
            raise StopUpload(connection_reset=True) from error

    def file_complete(self, file_size: int) -> None:
        """Give the form no file: it lies in the bucket."""

    def upload_interrupted(self) -> None:
        """Throw away what came before the sender went away."""
        self.abort()

    def abort(self) -> None:
        """Throw away what has not been received."""
        if self.intake is not None:
            self.intake.abort()
