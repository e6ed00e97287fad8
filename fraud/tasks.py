"""The doors of background work: find the row, make one call, and let what is done already be."""

from datetime import timedelta

import structlog
from celery import shared_task

from fraud.jobs import Job
from fraud.models import Application, Backtest, Submission
from fraud.operations.backtests import run_backtest
from fraud.operations.submissions.assembling import assemble_result as assemble
from fraud.operations.submissions.chunks import claim_chunk, give_up_chunks
from fraud.operations.submissions.dropping import collect_drops as collect
from fraud.operations.submissions.erasing import delete_erased_files
from fraud.operations.submissions.moves import ChunkTakenError
from fraud.operations.submissions.splitting import split_submission as split
from fraud.operations.submissions.steering import nudge_left_submissions
from fraud.queries.backtests import backtests_left_behind
from fraud.screening import case_files, finishing, webhooks
from fraud.screening.chunks import work_on_chunk
from fraud.screening.contributions import send_contributions as send
from fraud.screening.disputes import exchange_disputes as exchange
from fraud.screening.notices import learn as learn_news
from fraud.screening.notices import tend
from fraud.screening.standings import keep_standings as keep
from portal.accounts.actors import SYSTEM
from portal.core import clock
from portal.core.errors import WrongStateError
from portal.core.jobs import nudge_each
from portal.core.storage_errors import StorageError

# Applications wait behind it in the same queue; the rest is done by the next nudge.
LONGEST_TURN = timedelta(seconds=5)

log = structlog.get_logger(__name__)


@shared_task(name=Job.FINISH_APPLICATION)
def finish_application(application_id: int) -> None:
    """Screen one application whose time budget was spent."""
    finishing.finish(Application.objects.get(pk=application_id), by=SYSTEM, clock=clock.now)


@shared_task(name=Job.FINISH_LEFT)
def finish_left() -> None:
    """Screen what came alone and was left."""
    done = finishing.finish_left(by=SYSTEM, clock=clock.now)
    if done:
        log.info("applications.finished", rows=done)


@shared_task(name=Job.ASK_AGAIN)
def ask_again() -> None:
    """Ask the consortium again about what was decided without it."""
    done = finishing.ask_again(by=SYSTEM, clock=clock.now)
    if done:
        log.info("applications.asked_again", rows=done)


@shared_task(name=Job.SEND_WEBHOOKS)
def send_webhooks() -> None:
    """Tell institutions what was decided after they had their answer."""
    arrived = webhooks.send_webhooks(by=SYSTEM, clock=clock.now)
    if arrived:
        log.info("webhooks.sent", rows=arrived)


@shared_task(name=Job.WRITE_CASE_FILES)
def write_case_files() -> None:
    """Put what case systems take as files into their folders."""
    written = case_files.write_case_files(by=SYSTEM, clock=clock.now)
    if written:
        log.info("case_files.written", rows=written)


@shared_task(name=Job.SPLIT_SUBMISSION)
def split_submission(submission_id: int) -> None:
    """Read a received file and cut it into chunks."""
    submission = Submission.objects.select_related("institution").get(pk=submission_id)
    try:
        split(submission, by=SYSTEM, clock=clock.now)
    except ChunkTakenError as error:
        log.info("submission.left", submission_id=submission_id, reason=error.detail)
    except StorageError as error:
        log.warning("submission.put_off", submission_id=submission_id, reason=error.reason)


@shared_task(name=Job.WORK_CHUNKS)
def work_chunks(submission_id: int) -> None:
    """Do the chunk whose turn it is, of whichever submission, and ask for the next one behind whatever else waits."""
    claim = claim_chunk(now=clock.now())
    if claim is None:
        return
    try:
        work_on_chunk(claim, by=SYSTEM, clock=clock.now)
    except ChunkTakenError as error:
        log.info("chunk.left", chunk_id=claim.chunk.pk, reason=error.detail)
    except StorageError as error:
        log.warning("chunk.put_off", chunk_id=claim.chunk.pk, reason=error.reason)
    nudge_each(Job.WORK_CHUNKS, submission_id=[submission_id])


@shared_task(name=Job.ASSEMBLE_RESULT)
def assemble_result(submission_id: int) -> None:
    """Hash and sign the result of a submission."""
    submission = Submission.objects.select_related("institution").get(pk=submission_id)
    try:
        assemble(submission, by=SYSTEM, clock=clock.now)
    except ChunkTakenError as error:
        log.info("result.left", submission_id=submission_id, reason=error.detail)
    except StorageError as error:
        log.warning("result.put_off", submission_id=submission_id, reason=error.reason)


@shared_task(name=Job.SWEEP_SUBMISSIONS)
def sweep_submissions() -> None:
    """Nudge what a lost message or a dead worker left behind."""
    given_up = give_up_chunks(now=clock.now())
    found = nudge_left_submissions(now=clock.now())
    if found or given_up:
        log.info("submissions.found", rows=found, given_up=given_up)


@shared_task(name=Job.COLLECT_DROPS)
def collect_drops() -> None:
    """Take in what institutions dropped into their folders."""
    taken = collect(by=SYSTEM, clock=clock.now)
    if taken:
        log.info("drops.taken", rows=taken)


@shared_task(name=Job.DELETE_FILES)
def delete_files() -> None:
    """Delete the files of submissions that retention has erased."""
    done = delete_erased_files(by=SYSTEM, clock=clock.now)
    if done:
        log.info("files.deleted", rows=done)


@shared_task(name=Job.BACKTEST)
def backtest(backtest_id: int) -> None:
    """Try a version on the past for a few seconds, and ask for another turn if that is too short."""
    row = Backtest.objects.get(pk=backtest_id)
    try:
        run_backtest(row, by=SYSTEM, clock=clock.now, until=clock.now() + LONGEST_TURN)
    except WrongStateError as error:
        log.info("backtest.left", backtest_id=backtest_id, reason=error.detail)


@shared_task(name=Job.SWEEP_BACKTESTS)
def sweep_backtests() -> None:
    """Nudge the backtests that a lost nudge or a dead worker left behind."""
    found = backtests_left_behind(now=clock.now()).values_list("pk", flat=True)
    nudge_each(Job.BACKTEST, backtest_id=found)


@shared_task(name=Job.SEND_CONTRIBUTIONS)
def send_contributions() -> None:
    """Tell the registry what two analysts found, or took back."""
    done = send(by=SYSTEM, clock=clock.now)
    if done:
        log.info("contributions.sent", rows=done)


@shared_task(name=Job.LEARN)
def learn() -> None:
    """Screen anew what the registry has news about."""
    done = learn_news(by=SYSTEM, clock=clock.now)
    if done:
        log.info("notices.learned", rows=done)


@shared_task(name=Job.EXCHANGE_DISPUTES)
def exchange_disputes() -> None:
    """Tell the registry of disputes and answers, and learn what has become of others."""
    done = exchange(by=SYSTEM, clock=clock.now)
    if done:
        log.info("disputes.exchanged", rows=done)


@shared_task(name=Job.KEEP_STANDINGS)
def keep_standings() -> None:
    """Tell the registry of new quotas, and learn where each member stands."""
    keep(by=SYSTEM, clock=clock.now)


@shared_task(name=Job.TEND_REGISTRY)
def tend_registry() -> None:
    """Have the registry compare what is new with what was asked before, and forget what has outlived its time."""
    tend()
