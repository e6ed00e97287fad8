"""Invitations: one for each person who was asked to join, from the first letter until they come in."""

from datetime import datetime

from django.db import models

from portal.accounts.models.people import User
from portal.core.models import public_id
from portal.mail.models import Mail


class Invitation(models.Model):
    """The word that lets one person in, once; each letter has a round, and only the last one's link opens."""

    public_id = public_id("inv")
    user = models.OneToOneField(User, models.CASCADE, related_name="invitation")
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    # The letters sent so far.
    round = models.PositiveSmallIntegerField(default=0)
    # The last letter, whose fate the operator sees.
    mail = models.ForeignKey(Mail, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(accepted_at=None) | models.Q(withdrawn_at=None),
                name="an_invitation_ends_once",
            )
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def is_open(self) -> bool:
        """Say whether the person has neither come in nor been told not to."""
        return self.accepted_at is None and self.withdrawn_at is None

    def is_live(self, now: datetime) -> bool:
        """Say whether the link of the last letter opens."""
        return self.is_open and now < self.expires_at
