"""Pages of submissions: all of them, one as it is worked on, its rejects by code, and its files."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRefresh

from fraud.models import Institution, Submission
from fraud.operations.submissions.assembling import file_name_of, result_pieces
from fraud.operations.submissions.steering import (
    cancel_submission,
    pause_submission,
    resume_submission,
    retry_submission,
)
from fraud.queries.institutions import institutions
from fraud.queries.submissions import SubmissionProgress, progress, rejects_by_code, submissions
from fraud.rules.submissions import DONE, ENDED, SubmissionState
from portal.accounts.roles import Act
from portal.audit.operations import record_reading
from portal.core import clock
from portal.core.errors import NotFoundError
from portal.core.language import grouped, said
from portal.retention.policies import policy_named
from portal.retention.queries import days_kept
from portal.web.context import frame_of
from portal.web.finding import found, offered
from portal.web.fresh import demand_fresh
from portal.web.guards import View, require
from portal.web.lists import Column, Empty, ListPage
from portal.web.navigation import Words
from portal.web.pieces import Choice, Crumb, Progress, Question, ask
from portal.web.requests import PageRequest, actor_behind
from portal.web.states import look
from portal.web.trails import timeline

S = SubmissionState


def _institutions(request: HttpRequest) -> QuerySet[Institution]:
    return institutions(actor_behind(request), Act.SUBMISSION_READ)


def _states() -> list[tuple[str, Any]]:
    return [(state.value, look(state)[1]) for state in S]


class SubmissionFilters(django_filters.FilterSet):  # type: ignore[misc]
    """By state and institution."""

    state = django_filters.ChoiceFilter(label=gettext_lazy("State"), choices=_states)
    institution = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Institution"), queryset=_institutions, to_field_name="public_id"
    )


SUBMISSIONS = ListPage(
    name="submissions",
    columns=(
        Column("public_id", gettext_lazy("Submission"), "fraud/cells/submission.html", is_main=True),
        Column("state", gettext_lazy("State"), "portal/cells/state.html", sort="state"),
        Column("rows", gettext_lazy("Rows"), sort="rows", is_number=True),
        Column("institution.name", gettext_lazy("Institution"), is_spare=True),
        Column("layout", gettext_lazy("Layout"), sort="layout", is_spare=True),
        Column("created_at", gettext_lazy("Announced"), "portal/cells/when.html", sort="created_at"),
        Column("ended_at", gettext_lazy("Ended"), "portal/cells/when.html", sort="ended_at", is_spare=True),
    ),
    empty=Empty(
        gettext_lazy("No submission yet"),
        gettext_lazy("A submission is a file of applications, sent here, by the API or into a drop folder."),
        icon="file-text",
    ),
    search=("public_id", "file_name", "layout"),
    filters=SubmissionFilters,
    sort="-pk",
)


@require(Act.SUBMISSION_READ)
def submission_list(request: PageRequest) -> HttpResponseBase:
    """List the submissions."""
    rows = submissions(request.actor)
    if scope := frame_of(request).scope:
        rows = rows.filter(institution=scope.pk)
    primary = offered(request, Act.SUBMISSION_SEND, _("Send a file"), reverse("submission-new"))
    return SUBMISSIONS.answer(request, rows, title=_("Submissions"), primary=primary)


@require(Act.SUBMISSION_READ)
def submission_detail(request: PageRequest, public_id: str) -> HttpResponse:
    """Show a submission."""
    submission = found(submissions(request.actor), public_id)
    context = {
        "title": submission.file_name or _("File of %(name)s") % {"name": submission.institution.name},
        "crumbs": [Crumb(_("Submissions"), reverse("submissions"))],
        "zone": submission.institution.time_zone,
        "events": timeline(submission),
        "choices": _choices(submission, request),
        "files": _files(submission),
        "may_open_files": request.actor.may(Act.APPLICANT_REVEAL, submission.place),
        "files_go_on": _files_go_on(submission),
        **_under_way(submission, request),
    }
    return render(request, "fraud/submission.html", context)


@require(Act.SUBMISSION_READ)
def submission_progress(request: PageRequest, public_id: str) -> HttpResponse:
    """Show how far it is; once its state has moved on, the whole page comes anew."""
    submission = found(submissions(request.actor), public_id)
    if request.GET.get("state") != _mark(submission):
        return HttpResponseClientRefresh()
    return render(request, "fraud/parts/submission_progress.html", _under_way(submission, request))


def _mark(submission: Submission) -> str:
    return f"{submission.state}{'-paused' if submission.is_paused else ''}"


def _under_way(submission: Submission, request: PageRequest) -> dict[str, Any]:
    far = progress(submission, now=clock.now())
    url = f"{reverse('submission-progress', args=[submission.public_id])}?state={_mark(submission)}"
    is_moving = submission.state not in ENDED and submission.state != S.WAITING_FOR_UPLOAD
    return {
        "submission": submission,
        "far": far,
        "progress": _progress(submission, far, request) if far.rows else None,
        "refresh_url": url if is_moving else "",
        "rejects": rejects_by_code(submission),
    }


def _progress(submission: Submission, far: SubmissionProgress, request: PageRequest) -> Progress:
    may_mend = far.chunks_failed and request.actor.may(Act.SUBMISSION_SEND, submission.place)
    mend = Choice(_("Try the failed parts again"), reverse("submission-retry", args=[submission.public_id]))
    doing = _("%(state)s: %(stored)s stored, %(screened)s screened, %(running)s parts at work") % {
        "state": look("paused" if submission.is_paused else submission.state)[1],
        "stored": grouped(far.stored),
        "screened": grouped(far.screened),
        "running": far.chunks_running,
    }
    return Progress(
        done=far.done,
        total=far.rows,
        unit=_("rows"),
        family=look("failed" if far.chunks_failed else submission.state)[0],
        doing=doing,
        is_finished=submission.state in ENDED,
        rate=far.rate,
        seconds_left=far.seconds_left,
        heard_at=far.heard_at,
        trouble=_trouble(submission, far),
        mend=mend if may_mend else None,
    )


def _trouble(submission: Submission, far: SubmissionProgress) -> str:
    if not far.chunks_failed:
        return ""
    first = submission.chunks.filter(state="failed").order_by("number").values_list("problem", flat=True)
    says = _("%(count)s parts could not be worked on: %(problem)s")
    return says % {"count": far.chunks_failed, "problem": said(first[0])}


def _files_go_on(submission: Submission) -> datetime | None:
    """Say when the files of a submission that has ended will be deleted, unless a hold keeps them."""
    if submission.ended_at is None or submission.files_erased_at is not None:
        return None
    days = days_kept(policy_named("submission-files"), submission.institution)
    return submission.ended_at + timedelta(days=days)


def _files(submission: Submission) -> list[dict[str, Any]]:
    if submission.state not in DONE or submission.files_erased_at is not None:
        return []
    return [
        {
            "title": title,
            "url": reverse("submission-file", args=[submission.public_id, kind]),
            "size": getattr(submission, f"{kind}_size"),
            "sha256": getattr(submission, f"{kind}_sha256"),
            "signature": getattr(submission, f"{kind}_signature"),
        }
        for kind, title in (("result", _("Result")), ("rejects", _("Rejected rows")))
    ]


def _choices(submission: Submission, request: PageRequest) -> list[Choice]:
    if submission.state in ENDED or not request.actor.may(Act.SUBMISSION_SEND, submission.place):
        return []
    here = [submission.public_id]
    hold = (
        Choice(_("Resume"), reverse("submission-resume", args=here), "player-play", is_question=True)
        if submission.is_paused
        else Choice(_("Pause"), reverse("submission-pause", args=here), "player-pause", is_question=True)
    )
    cancel = reverse("submission-cancel", args=here)
    return [hold, Choice(_("Cancel submission"), cancel, "x", is_question=True, is_grave=True)]


@require(Act.APPLICANT_REVEAL)
def submission_file(request: PageRequest, public_id: str, kind: str) -> HttpResponseBase:
    """Hand out the result or the rejects, as they were signed; they hold whole rows, so that it is a reveal."""
    if kind not in {"result", "rejects"}:
        raise NotFoundError
    submission = found(submissions(request.actor, Act.APPLICANT_REVEAL), public_id)
    demand_fresh(request)
    pieces = result_pieces(submission, kind)
    record_reading(request.actor, "submission.downloaded", submission, now=clock.now(), file=kind)
    answer = StreamingHttpResponse(pieces, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{file_name_of(submission, kind)}"'
    return answer


def _asking(
    title: Words, sentence: Words, button: Words, operation: Callable[..., object], done: Words
) -> View:
    """Make the page of one act: find the submission, ask, carry out, say that it is done."""

    @require(Act.SUBMISSION_SEND)
    def view(request: PageRequest, public_id: str) -> HttpResponse:
        submission = found(submissions(request.actor, Act.SUBMISSION_SEND), public_id)

        def carry_out(_reason: str) -> HttpResponse:
            operation(submission, by=request.actor, now=clock.now())
            messages.success(request, str(done))
            return redirect("submission", public_id)

        back = reverse("submission", args=[public_id])
        question = Question(title, [sentence], button, back, is_grave=operation is cancel_submission)
        return ask(request, question, carry_out)

    return view


pause = _asking(
    gettext_lazy("Pause the submission?"),
    gettext_lazy("Parts under way are finished, and no further one is begun until somebody resumes it."),
    gettext_lazy("Pause submission"),
    pause_submission,
    gettext_lazy("The submission is paused."),
)
resume = _asking(
    gettext_lazy("Resume the submission?"),
    gettext_lazy("Workers go on where they stopped."),
    gettext_lazy("Resume submission"),
    resume_submission,
    gettext_lazy("The submission goes on."),
)
retry = _asking(
    gettext_lazy("Try the failed parts again?"),
    gettext_lazy("Do this after what was wrong has been mended."),
    gettext_lazy("Try again"),
    retry_submission,
    gettext_lazy("The failed parts are tried again."),
)
cancel = _asking(
    gettext_lazy("Cancel the submission?"),
    gettext_lazy("There will be no result. Applications that were screened by now stay on record."),
    gettext_lazy("Cancel submission"),
    cancel_submission,
    gettext_lazy("The submission was cancelled."),
)
