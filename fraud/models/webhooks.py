"""Where institutions are told of what was decided later, and each telling with how it went."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from fraud.models.applications import Application, Screening
from fraud.models.feeds import CaseFeed, CaseFile
from fraud.models.institutions import Institution
from fraud.rules.webhooks import DeliveryState, Event
from portal.accounts.actors import OrganizationKind
from portal.core.models import public_id

LONGEST_URL = 500


class WebhookEndpoint(models.Model):
    """The address at which an institution listens; what goes there is signed by us, and it needs no secret."""

    public_id = public_id("whe")
    institution = models.OneToOneField(Institution, models.PROTECT, related_name="webhook_endpoint")
    url = models.CharField(_("address"), max_length=LONGEST_URL)
    created_at = models.DateTimeField()
    # What happens meanwhile waits in its queue.
    paused_at = models.DateTimeField(null=True)
    # Empty while it is in use.
    disabled_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.public_id

    @property
    def place(self) -> dict[OrganizationKind, int]:
        return {OrganizationKind.INSTITUTION: self.institution_id}

    @property
    def state(self) -> str:
        """Say how it is used, as pages show it: active, paused or disabled."""
        if self.disabled_at is not None:
            return "disabled"
        return "active" if self.paused_at is None else "paused"


class WebhookDelivery(models.Model):
    """One event for one institution: the row is the queue, and the log of how it went."""

    public_id = public_id("wbh")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    application = models.ForeignKey(Application, models.CASCADE, related_name="webhook_deliveries")
    # What is told; none for a verdict.
    screening = models.ForeignKey(Screening, models.CASCADE, null=True, related_name="+", db_index=False)
    # None for what is told to the institution's webhook; the feed of its case system otherwise, with the file of it.
    feed = models.ForeignKey(CaseFeed, models.PROTECT, null=True, related_name="deliveries")
    file = models.ForeignKey(CaseFile, models.PROTECT, null=True, related_name="deliveries")
    event = models.CharField(max_length=24, choices=[(each, each) for each in Event])
    state = models.CharField(
        max_length=12, choices=[(each, each) for each in DeliveryState], default=DeliveryState.WAITING
    )
    tries = models.PositiveSmallIntegerField(default=0)
    # The status of the last answer; empty where there was none.
    status = models.PositiveSmallIntegerField(null=True)
    # Why the last try failed: a code, never what the other side said.
    problem = models.CharField(max_length=32, blank=True, default="")
    created_at = models.DateTimeField()
    # When it is tried next, or believed to be lost by whoever tries it now.
    due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=DeliveryState.WAITING, due_at__isnull=False, ended_at__isnull=True)
                | (~Q(state=DeliveryState.WAITING) & Q(due_at__isnull=True, ended_at__isnull=False)),
                name="a_delivery_is_due_or_ended",
            ),
            models.UniqueConstraint(
                fields=["screening", "event"], name="one_delivery_per_screening_and_event"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="deliveries_to_send", condition=Q(due_at__isnull=False)),
            models.Index(fields=["institution", "-id"], name="deliveries_by_institution"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def place(self) -> dict[OrganizationKind, int]:
        return {OrganizationKind.INSTITUTION: self.institution_id}

    @property
    def shown_state(self) -> str:
        """Say how it stands as pages show it: what was delivered waits for nobody."""
        return "sent" if self.state == DeliveryState.DELIVERED else self.state
