"""The names of this domain's background jobs; each has one task."""

from enum import StrEnum


class Job(StrEnum):
    """A job's name is its queue and its task."""

    FINISH_APPLICATION = "fraud.finish_application"
    FINISH_LEFT = "fraud.finish_left"
    ASK_AGAIN = "fraud.ask_again"
    SEND_WEBHOOKS = "fraud.send_webhooks"
    WRITE_CASE_FILES = "fraud.write_case_files"
    SPLIT_SUBMISSION = "fraud.split_submission"
    WORK_CHUNKS = "fraud.work_chunks"
    ASSEMBLE_RESULT = "fraud.assemble_result"
    SWEEP_SUBMISSIONS = "fraud.sweep_submissions"
    COLLECT_DROPS = "fraud.collect_drops"
    DELETE_FILES = "fraud.delete_files"
    BACKTEST = "fraud.backtest"
    SWEEP_BACKTESTS = "fraud.sweep_backtests"
    SEND_CONTRIBUTIONS = "fraud.send_contributions"
    LEARN = "fraud.learn"
    EXCHANGE_DISPUTES = "fraud.exchange_disputes"
    KEEP_STANDINGS = "fraud.keep_standings"
    TEND_REGISTRY = "fraud.tend_registry"
