"""What people do with a submission under way: pause, resume, cancel, try again; and the sweep behind lost nudges."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from fraud.jobs import Job
from fraud.models import Submission
from fraud.operations.submissions.moves import move_submission
from fraud.operations.submissions.splitting import nudge_workers
from fraud.queries.submissions import submissions_to_assemble, submissions_to_split, submissions_to_work_on
from fraud.rules.submissions import ENDED, ChunkState, SubmissionState
from portal.accounts.actors import Actor, permit
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked
from portal.core.errors import WrongStateError
from portal.core.jobs import nudge, nudge_each

S, C = SubmissionState, ChunkState
# What is left over is found at the next sweep.
MOST_NUDGES = 100


@transaction.atomic(durable=True)
def pause_submission(submission: Submission, *, by: Actor, now: datetime) -> Submission:
    """Begin no further chunk of a submission; those under way end.

    :raises WrongStateError: it has ended, or is paused
    """
    permit(by, Act.SUBMISSION_SEND, submission.place)
    submission = locked(Submission, submission)
    if submission.state in ENDED or submission.is_paused:
        raise WrongStateError(_("The submission has ended, or is paused already."))
    submission.is_paused = True
    submission.save(update_fields=["is_paused"])
    record(by, "submission.paused", submission, now=now)
    return submission


@transaction.atomic(durable=True)
def resume_submission(submission: Submission, *, by: Actor, now: datetime) -> Submission:
    """Go on with a paused submission.

    :raises WrongStateError: it is not paused
    """
    permit(by, Act.SUBMISSION_SEND, submission.place)
    submission = locked(Submission, submission)
    if not submission.is_paused:
        raise WrongStateError(_("The submission is not paused."))
    submission.is_paused = False
    submission.save(update_fields=["is_paused"])
    record(by, "submission.resumed", submission, now=now)
    _nudge(submission)
    return submission


@transaction.atomic(durable=True)
def cancel_submission(submission: Submission, *, by: Actor, now: datetime) -> Submission:
    """End a submission before its result; what was screened by then stays on record.

    :raises WrongStateError: it has ended, or gets its result just now
    """
    permit(by, Act.SUBMISSION_SEND, submission.place)
    submission = locked(Submission, submission)
    move_submission(submission, S.CANCELLED)
    submission.is_paused, submission.ended_at = False, now
    submission.save(update_fields=["state", "is_paused", "ended_at"])
    record(by, "submission.cancelled", submission, now=now)
    return submission


@transaction.atomic(durable=True)
def retry_submission(submission: Submission, *, by: Actor, now: datetime) -> Submission:
    """Try the chunks again that failed, after whatever was wrong has been mended.

    :raises WrongStateError: none has failed
    """
    permit(by, Act.SUBMISSION_SEND, submission.place)
    submission = locked(Submission, submission)
    failed = submission.chunks.filter(Q(state=C.FAILED) | ~Q(problem=""))
    back = C.STORED if submission.stored_at else C.WAITING
    if submission.state != S.WORKING or not failed.update(state=back, tries=0, retry_at=None, problem=""):
        raise WrongStateError(_("No part of this submission has failed."))
    record(by, "submission.retried", submission, now=now)
    _nudge(submission)
    return submission


def _nudge(submission: Submission) -> None:
    if submission.state == S.WORKING:
        nudge_workers(submission)
    elif submission.state in {S.RECEIVED, S.SPLITTING}:
        nudge(Job.SPLIT_SUBMISSION, submission_id=submission.pk)


@transaction.atomic(durable=True)
def nudge_left_submissions(*, now: datetime) -> int:
    """Nudge the submissions that wait for a worker; return how many. Nudging one twice does no harm."""
    split = list(submissions_to_split(now=now).values_list("pk", flat=True)[:MOST_NUDGES])
    open_ones = list(submissions_to_work_on(now=now)[:MOST_NUDGES])
    done = list(submissions_to_assemble(now=now).values_list("pk", flat=True)[:MOST_NUDGES])
    for submission_id in split:
        nudge(Job.SPLIT_SUBMISSION, submission_id=submission_id)
    for submission in open_ones:
        # Whoever is at work asks for the next chunk: as many more at every sweep would pile up behind a giant file.
        if submission.is_at_work:
            nudge_each(Job.WORK_CHUNKS, submission_id=[submission.pk])
        else:
            nudge_workers(submission)
    for submission_id in done:
        nudge(Job.ASSEMBLE_RESULT, submission_id=submission_id)
    return len(split) + len(open_ones) + len(done)
