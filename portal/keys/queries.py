"""Looking at keys: what there is of each purpose, how old, and how far a change has come; never a key itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from portal.core.errors import UnavailableError
from portal.core.keys import keyring
from portal.crypto.key_file import KeyFileError
from portal.crypto.keyring import Purpose
from portal.keys.models import Rotation, ScopeKey
from portal.keys.steps import steps_of

# How long a key may wrap, seal or sign before the next takes over (NIST SP 800-57 part 1, 5.3.6).
CRYPTOPERIODS: dict[Purpose, timedelta] = {
    Purpose.CAMPAIGN_CODES: timedelta(days=3 * 365),
    Purpose.MANIFESTS: timedelta(days=2 * 365),
    Purpose.MEMBERS: timedelta(days=365),
    Purpose.PEOPLE: timedelta(days=365),
    Purpose.TRAIL: timedelta(days=2 * 365),
    Purpose.CERTIFICATES: timedelta(days=2 * 365),
    Purpose.RESULTS: timedelta(days=2 * 365),
    Purpose.TOKENS: timedelta(days=3 * 365),
    Purpose.APPLICANTS: timedelta(days=365),
    Purpose.TOKENS_SCREENING: timedelta(days=3 * 365),
    Purpose.TOKENS_REGISTRY: timedelta(days=3 * 365),
}


@dataclass(frozen=True, slots=True)
class PurposeState:
    """What may be told of the keys of one purpose; `key_id` is empty where this process does not hold them."""

    purpose: Purpose
    provider: str
    key_id: str
    made_at: datetime | None
    scopes: int
    versions: int
    rotation: Rotation | None
    is_reachable: bool = True

    @property
    def period(self) -> timedelta:
        return CRYPTOPERIODS[self.purpose]

    def is_overdue(self, now: datetime) -> bool:
        """Say whether the key has been in use for longer than its period."""
        return self.made_at is not None and now - self.made_at >= self.period


def rotations_under_way() -> QuerySet[Rotation]:
    """List the changes of keys that are not through, the oldest first."""
    return Rotation.objects.filter(finished_at__isnull=True).order_by("pk")


def wrapping_keys(purpose: Purpose) -> set[str]:
    """Name the key-encryption keys that wrapped what lies in the database for a purpose now."""
    ring, found = keyring(), set()
    for step in steps_of(purpose):
        if step.is_wrapping:
            column = step.rows(purpose).order_by(step.key).values_list(step.column, flat=True)
            found |= {ring.wrapped_by(purpose, wrapped) for wrapped in column.iterator()}
    return found


def purposes_in_use() -> Sequence[PurposeState]:
    """Give the state of each purpose, in three queries."""
    counted = ScopeKey.objects.filter(destroyed_at__isnull=True).values("purpose").order_by("purpose")
    keys: dict[str, Mapping[str, Any]] = {
        row["purpose"]: row
        for row in counted.annotate(
            versions=Count("pk"), scopes=Count("pk", filter=Q(retired_at__isnull=True))
        )
    }
    rotations = {rotation.purpose: rotation for rotation in Rotation.objects.order_by("pk")}
    return [_state(purpose, keys.get(purpose, {}), rotations.get(purpose)) for purpose in Purpose]


def _state(purpose: Purpose, counted: Mapping[str, Any], rotation: Rotation | None) -> PurposeState:
    key_id, made_at, is_reachable = "", None, True
    if keyring().holds(purpose):
        try:
            facts = keyring().newest(purpose)
            key_id, made_at = facts.id, datetime.fromisoformat(facts.created_at) if facts.created_at else None
        except (UnavailableError, KeyFileError):
            is_reachable = False
    return PurposeState(
        purpose=purpose,
        provider=keyring().provider_name,
        key_id=key_id,
        made_at=made_at,
        scopes=counted.get("scopes", 0),
        versions=counted.get("versions", 0),
        rotation=rotation,
        is_reachable=is_reachable,
    )
