"""The background app: its queues, its timetable, and the signs of life of those who work on them."""

import gc
import os
import sys
from typing import Any

from celery import Celery
from celery.beat import Scheduler
from celery.schedules import crontab
from celery.signals import (
    beat_init,
    celeryd_init,
    heartbeat_sent,
    task_postrun,
    task_prerun,
    worker_process_init,
)
from django.core.exceptions import ImproperlyConfigured

from campaigns.jobs import Job
from fraud.jobs import Job as FraudJob
from portal.approvals.jobs import Job as ApprovalJob
from portal.audit.jobs import Job as AuditJob
from portal.core import health
from portal.core.checks import refuse_weak_configuration
from portal.core.tenancy import EVERYWHERE, NOTHING, act_within
from portal.keys.jobs import Job as KeysJob
from portal.mail.jobs import Job as MailJob
from portal.retention.jobs import Job as RetentionJob
from portal.security.jobs import Job as SecurityJob

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

# How many seconds may pass before a row whose nudge was lost is found.
SWEEP_EVERY = 15.0
# And how many until a receipt in a printer's bucket is found.
RECEIPTS_EVERY = 60.0
# And until a file in an institution's folder is found.
DROPS_EVERY = 30.0
# And until files whose time has come, and which nobody can open any more, are deleted.
DELETIONS_EVERY = 60.0
# And how often answers that no client will ask for again are removed.
FORGET_EVERY = 3600.0
# And until mail whose nudge was lost, or whose server was away, is tried again.
MAIL_EVERY = 15.0
# And how often requests that nobody decided in time are ended; they cannot be decided meanwhile.
EXPIRE_EVERY = 600.0
BACKTESTS_EVERY = 60.0
# And how often what was written to the trail is sealed.
SEAL_EVERY = 3.0
# And how often its head may get an anchor. The whole is verified each night, in UTC.
ANCHOR_EVERY = 60.0
VERIFY_AT = crontab(hour="2", minute="17")
# And until sealed entries leave as events, and until the detectors see them.
EVENTS_EVERY = 5.0

# And until an application that its online door left, or decided without the consortium, is looked at again.
FINISH_EVERY = 20.0
CONSORTIUM_EVERY = 15.0
ASK_AGAIN_EVERY = 60.0
# And until a webhook that failed, or whose nudge was lost, is tried again.
WEBHOOKS_EVERY = 10.0
# And until what case systems take as files lies in their folders: one file for each such round.
CASE_FILES_EVERY = 60.0

# And how often a change of keys is looked for that nobody carries on.
RESEAL_EVERY = 60.0

OBJECTS_BETWEEN_COLLECTIONS = 100_000

app = Celery("countersign")
# The current app is kept for each thread, and web servers answer on many; the default is for all.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# The queue of a job is the part of its name before the dot; each has workers of its own.
app.conf.task_routes = {f"{queue}.*": {"queue": queue} for queue in health.QUEUES}
app.conf.beat_schedule = {
    # What waited longer than its own interval is superseded by the next.
    "sweep": {"task": str(Job.SWEEP), "schedule": SWEEP_EVERY, "options": {"expires": SWEEP_EVERY}},
    "receipts": {
        "task": str(Job.READ_RECEIPTS),
        "schedule": RECEIPTS_EVERY,
        "options": {"expires": RECEIPTS_EVERY},
    },
    "answers": {
        "task": str(Job.FORGET_ANSWERS),
        "schedule": FORGET_EVERY,
        "options": {"expires": FORGET_EVERY},
    },
    "mail": {"task": str(MailJob.SEND_MAIL), "schedule": MAIL_EVERY, "options": {"expires": MAIL_EVERY}},
    # At night in the Americas, where the first markets are.
    "retention": {
        "task": str(RetentionJob.RETAIN),
        "schedule": crontab(hour="7", minute="10"),
        "options": {"expires": 3600.0},
    },
    "requests": {
        "task": str(ApprovalJob.EXPIRE_REQUESTS),
        "schedule": EXPIRE_EVERY,
        "options": {"expires": EXPIRE_EVERY},
    },
    # Backtests that a kill or a lost nudge left.
    "backtests": {
        "task": str(FraudJob.SWEEP_BACKTESTS),
        "schedule": BACKTESTS_EVERY,
        "options": {"expires": BACKTESTS_EVERY},
    },
    "anchor": {"task": str(AuditJob.ANCHOR), "schedule": ANCHOR_EVERY, "options": {"expires": ANCHOR_EVERY}},
    "verify": {"task": str(AuditJob.VERIFY), "schedule": VERIFY_AT},
    # Submissions whose nudge was lost or whose worker died, and files in drop folders.
    "submissions": {
        "task": str(FraudJob.SWEEP_SUBMISSIONS),
        "schedule": SWEEP_EVERY,
        "options": {"expires": SWEEP_EVERY},
    },
    "deletions": {
        "task": str(FraudJob.DELETE_FILES),
        "schedule": DELETIONS_EVERY,
        "options": {"expires": DELETIONS_EVERY},
    },
    "drops": {
        "task": str(FraudJob.COLLECT_DROPS),
        "schedule": DROPS_EVERY,
        "options": {"expires": DROPS_EVERY},
    },
    # Changes of keys that a kill or a lost nudge left.
    "reseal": {
        "task": str(KeysJob.RESEAL),
        "schedule": RESEAL_EVERY,
        "options": {"expires": RESEAL_EVERY},
    },
    "finish": {
        "task": str(FraudJob.FINISH_LEFT),
        "schedule": FINISH_EVERY,
        "options": {"expires": FINISH_EVERY},
    },
    "ask-again": {
        "task": str(FraudJob.ASK_AGAIN),
        "schedule": ASK_AGAIN_EVERY,
        "options": {"expires": ASK_AGAIN_EVERY},
    },
    # What two analysts found goes to the registry, and what others found comes back.
    "disputes": {
        "task": str(FraudJob.EXCHANGE_DISPUTES),
        "schedule": CONSORTIUM_EVERY,
        "options": {"expires": CONSORTIUM_EVERY},
    },
    "standings": {
        "task": str(FraudJob.KEEP_STANDINGS),
        "schedule": ASK_AGAIN_EVERY,
        "options": {"expires": ASK_AGAIN_EVERY},
    },
    "contributions": {
        "task": str(FraudJob.SEND_CONTRIBUTIONS),
        "schedule": CONSORTIUM_EVERY,
        "options": {"expires": CONSORTIUM_EVERY},
    },
    "learn": {
        "task": str(FraudJob.LEARN),
        "schedule": CONSORTIUM_EVERY,
        "options": {"expires": CONSORTIUM_EVERY},
    },
    "tend": {
        "task": str(FraudJob.TEND_REGISTRY),
        "schedule": CONSORTIUM_EVERY,
        "options": {"expires": CONSORTIUM_EVERY},
    },
    "webhooks": {
        "task": str(FraudJob.SEND_WEBHOOKS),
        "schedule": WEBHOOKS_EVERY,
        "options": {"expires": WEBHOOKS_EVERY},
    },
    "case-files": {
        "task": str(FraudJob.WRITE_CASE_FILES),
        "schedule": CASE_FILES_EVERY,
        "options": {"expires": CASE_FILES_EVERY},
    },
    "seal": {"task": str(AuditJob.SEAL), "schedule": SEAL_EVERY, "options": {"expires": SEAL_EVERY}},
    "events": {
        "task": str(SecurityJob.STREAM),
        "schedule": EVENTS_EVERY,
        "options": {"expires": EVENTS_EVERY},
    },
    "watch": {"task": str(SecurityJob.WATCH), "schedule": EVENTS_EVERY, "options": {"expires": EVENTS_EVERY}},
}
app.conf.beat_max_loop_interval = 5


class Timetable(Scheduler):
    """Keep the timetable in memory, since it is code, and show a sign of life at every turn."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        health.show_life("beat")
        delay: float = super().tick(*args, **kwargs)
        return delay


@celeryd_init.connect
@beat_init.connect
def _start_strong_or_not_at_all(**_: Any) -> None:
    try:
        refuse_weak_configuration()
    except ImproperlyConfigured as error:
        # A signal's sender logs any other exception and goes on.
        sys.exit(str(error))


@worker_process_init.connect
def collect_rarely(**_: Any) -> None:
    """Look for circles of garbage after every so many objects, and never in what was loaded at the start.

    A chunk makes a thousand applications of dozens of objects each, all of which go by their counts; the usual 700
    would have the collector look through them again and again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)


@task_prerun.connect
def _reach_everything(**_: Any) -> None:
    # Tasks are the system's own, which knows no tenant.
    act_within(EVERYWHERE)


@task_postrun.connect
def _reach_nothing(**_: Any) -> None:
    act_within(NOTHING)


@heartbeat_sent.connect
def _worker_lives(**_: Any) -> None:
    for queue in app.amqp.queues.consume_from:
        health.show_life(queue)
