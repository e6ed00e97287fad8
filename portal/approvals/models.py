"""Requests for a second signature: what was asked for, by whom, where it belongs, and how it was decided."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from portal.core.actors import Identity
from portal.core.language import PhraseField
from portal.core.models import public_id
from portal.core.phrases import revived


class ApprovalState(StrEnum):
    """Where a request stands; PENDING is the only state with a way out, but for EXPIRED, which may be renewed."""

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


_S = ApprovalState
_BY_ANOTHER = (
    ~Q(decided_by_person="") & ~Q(decided_by_person=F("asked_by_person")) & ~Q(decided_by=F("asked_by"))
)
_BY_NEITHER = Q(renewed_by="") | ~Q(decided_by_person=F("renewed_by_person")) & ~Q(decided_by=F("renewed_by"))


class Approval(models.Model):
    """One request: somebody asked for an act of a kind upon one thing, and another person decides."""

    public_id = public_id("apr")
    kind = models.CharField(max_length=32)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.CharField(max_length=64)
    title = PhraseField()
    # Ids, counts and names of things; what the kind's sentences are made of. Never personal data.
    facts = models.JSONField(default=dict)
    # Kind of organization → its id, as the privileges of whoever decides are asked.
    place = models.JSONField(default=dict)
    # The same ids alone, for row-level security.
    within = ArrayField(models.BigIntegerField(), default=list)
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in _S], default=_S.PENDING)

    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=32)
    # The person who answers for asking: never the one who may decide.
    asked_by_person = models.CharField(max_length=32, blank=True)
    # Who asked again last, after it had expired; their wish as much as the first one's.
    renewed_by = models.CharField(max_length=32, blank=True)
    renewed_by_person = models.CharField(max_length=32, blank=True)
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=32, blank=True)
    decided_by_person = models.CharField(max_length=32, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    # When somebody did what was allowed, for the kinds that are carried out by hand.
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=[_S.APPROVED, _S.REFUSED]) | _BY_ANOTHER,
                name="a_request_is_decided_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[_S.APPROVED, _S.REFUSED]) | _BY_NEITHER,
                name="a_renewed_request_is_decided_by_another",
            ),
            models.UniqueConstraint(
                fields=["kind", "subject_id"],
                condition=Q(state=_S.PENDING),
                name="one_open_request_per_thing",
            ),
            models.CheckConstraint(
                condition=Q(state=_S.PENDING, decided_at=None)
                | (~Q(state=_S.PENDING) & Q(decided_at__isnull=False)),
                name="a_request_is_open_or_has_an_end",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "expires_at", "id"], name="requests_by_state"),
            models.Index(fields=["asked_by_person", "-id"], name="requests_of_a_person"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def words(self) -> dict[str, Any]:
        """The facts that phrases are made of."""
        return {name: revived(value) for name, value in self.facts.items()}

    def is_asked_by(self, by: Identity) -> bool:
        """Say whether this is who asked: the same person, or the same program whoever answers for it."""
        return by.id == self.asked_by or (bool(by.person) and by.person == self.asked_by_person)

    def is_renewed_by(self, by: Identity) -> bool:
        """Say whether this is who asked again."""
        return by.id == self.renewed_by or (bool(by.person) and by.person == self.renewed_by_person)

    @property
    def askers(self) -> set[str]:
        """The people who asked, first or again, and so do not decide."""
        return {self.asked_by_person, self.renewed_by_person} - {""}

    def is_open(self, now: datetime) -> bool:
        """Say whether it can still be decided at this moment."""
        return self.state == ApprovalState.PENDING and now < self.expires_at
