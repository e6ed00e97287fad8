"""Adding up what the records of a day looked like, from whichever door counted them."""

from datetime import UTC, datetime

from django.db import transaction

from fraud.models import MappingDrift, MappingVersion
from fraud.rules.translation.drift import Seen, added, from_builtins, to_builtins


@transaction.atomic(durable=True)
def add_drift(version: MappingVersion, seen: Seen, *, waits: bool = True, now: datetime) -> bool:
    """Add the counts of some records to the day's; a lost or a doubled chunk makes no difference that matters.

    Without *waits* nothing is added, and false is returned, while somebody else adds to the same day.
    """
    day = now.astimezone(UTC).date()
    empty = MappingDrift(
        institution_id=version.institution_id, version=version, day=day, seen=to_builtins(Seen())
    )
    MappingDrift.objects.bulk_create([empty], ignore_conflicts=True)
    rows = MappingDrift.objects.select_for_update(of=("self",), skip_locked=not waits)
    row = rows.filter(version=version, day=day).first()
    if row is None:
        return False
    row.seen = to_builtins(added(from_builtins(row.seen), seen))
    row.save(update_fields=["seen"])
    return True
