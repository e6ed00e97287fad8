"""How far the sweep for applications that were left has come, so that it never looks at the same past twice."""

from datetime import datetime, timedelta

from django.db import transaction

from fraud.models import Sweep

UNSCREENED = "unscreened"
# What came so lately may be stored by somebody who is about to commit.
_MARGIN = timedelta(minutes=10)


@transaction.atomic(durable=True)
def move_sweep(name: str, *, reached: datetime | None, now: datetime) -> Sweep:
    """Note that everything before a moment is done; without one, everything but what came in the last minutes."""
    latest = now - _MARGIN
    reached_at = latest if reached is None else min(reached, latest)
    sweep, _is_new = Sweep.objects.update_or_create(name=name, defaults={"reached_at": reached_at})
    return sweep
