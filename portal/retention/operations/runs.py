"""Carrying out a policy: chunk after chunk, each one transaction, until nothing is due; then a certificate."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.actors import Actor, permit
from portal.accounts.models import Organization
from portal.accounts.roles import Act
from portal.audit.operations import record
from portal.core.db import locked, refusing
from portal.core.errors import WrongStateError
from portal.retention.certificates import certify_run
from portal.retention.models import RetentionRun
from portal.retention.operations.holds import keep_holds_still
from portal.retention.operations.periods import place_of
from portal.retention.policies import Action, RetentionPolicy, policy_named
from portal.retention.queries import days_kept, due

CHUNK = 1000


def carry_out(
    policy: RetentionPolicy,
    organization: Organization | None,
    *,
    by: Actor,
    clock: Callable[[], datetime],
    until: datetime | None = None,
    chunk: int = CHUNK,
) -> RetentionRun | None:
    """Carry out a policy in one place, going on with a run that was broken off; None when nothing is due.

    *until*: when to leave the rest to another call.
    """
    run = begin_run(policy, organization, by=by, now=clock())
    while run is not None and run.finished_at is None and (until is None or clock() < until):
        run = advance_run(run, chunk=chunk, by=by, now=clock())
    return run


@transaction.atomic(durable=True)
def begin_run(
    policy: RetentionPolicy, organization: Organization | None, *, by: Actor, now: datetime
) -> RetentionRun | None:
    """Begin a run, or find the one that was broken off; None when nothing is due.

    :raises WrongStateError: another process has begun it just now
    """
    permit(by, Act.RETENTION_EDIT, place_of(organization))
    here = RetentionRun.objects.filter(policy=policy.name, organization=organization)
    broken_off = here.filter(finished_at=None).first()
    if broken_off is not None:
        return broken_off
    days = days_kept(policy, organization)
    cut_off = now - timedelta(days=days)
    total = due(policy, organization, cut_off=cut_off).count()
    if not total:
        return None
    run = RetentionRun(policy=policy.name, action=policy.action, organization=organization, days=days)
    run.cut_off, run.total, run.started_at, run.heard_at, run.started_by = cut_off, total, now, now, by.id
    begun_meanwhile = WrongStateError(_("Another process has begun this run."))
    with refusing("one_run_at_a_time", begun_meanwhile):
        run.save(force_insert=True)
    record(by, "retention.started", run, now=now, policy=policy.name, days=days, rows=total)
    return run


@transaction.atomic(durable=True)
def advance_run(run: RetentionRun, *, chunk: int = CHUNK, by: Actor, now: datetime) -> RetentionRun:
    """Remove one chunk, or end the run with its certificate when nothing is left.

    :raises WrongStateError: another process has ended it
    """
    permit(by, Act.RETENTION_EDIT, place_of(run.organization))
    run = locked(RetentionRun, run, "organization")
    if run.finished_at is not None:
        raise WrongStateError(_("This run has ended already."))
    keep_holds_still()
    policy = policy_named(run.policy)
    # A longer period that was set since the run began counts at once.
    cut_off = min(run.cut_off, now - timedelta(days=days_kept(policy, run.organization)))
    keys, names = _next(policy, run.organization, cut_off, chunk)
    run.heard_at = now
    if not keys:
        return _finish(run, by, now)
    _remove(policy, keys, by, now)
    run.done += len(keys)
    run.first, run.last = run.first or (names[0] if names else ""), names[-1] if names else ""
    run.digest = hashlib.sha256("\n".join([run.digest, *names]).encode()).hexdigest()
    run.save(update_fields=["done", "first", "last", "digest", "heard_at"])
    record(by, "retention.advanced", run, now=now, rows=len(keys), first=run.first, last=run.last)
    return run


def _next(
    policy: RetentionPolicy, organization: Organization | None, cut_off: datetime, chunk: int
) -> tuple[list[Any], list[str]]:
    """Hold the next rows and name them; a row that somebody else holds is in use, and waits for another night."""
    rows = due(policy, organization, cut_off=cut_off)
    held = rows.order_by("pk").select_for_update(of=("self",), skip_locked=True)
    keys = list(held.values_list("pk", flat=True)[:chunk])
    # Asked again once they are held: something may have happened to them in between.
    found = rows.filter(pk__in=keys).order_by("pk").values_list("pk", policy.identity or "pk")
    still = list(found)
    names = [str(name) for _key, name in still] if policy.identity else []
    return [key for key, _name in still], names


def _remove(policy: RetentionPolicy, keys: Sequence[Any], by: Actor, now: datetime) -> None:
    own_way = {Action.SHRED: policy.shred, Action.DELETE: policy.delete}.get(policy.action)
    if own_way is not None:
        own_way(keys, by=by, now=now)
        return
    rows = policy.rows().model._default_manager.filter(pk__in=keys)
    if policy.action is Action.REDACT:
        rows.update(**policy.blank)
    else:
        rows.delete()


def _finish(run: RetentionRun, by: Actor, now: datetime) -> RetentionRun:
    run.finished_at = now
    run.certificate = certify_run(run, now=now)
    run.save(update_fields=["finished_at", "certificate", "heard_at"])
    record(by, "retention.finished", run, now=now, rows=run.done, certificate=run.certificate)
    return run
