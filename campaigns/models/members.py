"""Members, what they redeemed, and the ledger of their points."""

import pgtrigger
from django.db import models
from django.db.models import Q

from campaigns.models.batches import Batch
from campaigns.models.campaigns import Campaign
from campaigns.models.parties import Market
from portal.accounts.actors import OrganizationKind
from portal.accounts.models import Client
from portal.core.models import public_id, whole
from portal.crypto.keyring import Purpose
from portal.crypto.tokens import TOKEN_BYTES
from portal.keys.fields import SealedField

_APPEND_ONLY = pgtrigger.Update | pgtrigger.Delete


class Member(models.Model):
    """A consumer in a market's programme, known by the reference that the brand's own system uses.

    The reference is often an e-mail address: it is found by its token, and sealed under the member's own key. Of an
    erased member both are gone; what was spent stays spent.
    """

    public_id = public_id("mem")
    # Found by market and token together: an index of the market alone would only lead the planner astray.
    market = models.ForeignKey(Market, models.PROTECT, related_name="members", db_index=False)
    reference_token = models.BinaryField(max_length=TOKEN_BYTES)
    sealed_reference = SealedField(purpose=Purpose.MEMBERS, longest=512, null=True)
    balance = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # The token first: with the market first, a planner that takes the market for small reads all its members.
            models.UniqueConstraint(fields=["reference_token", "market"], name="one_member_per_reference"),
            models.CheckConstraint(
                condition=Q(sealed_reference__isnull=False, erased_at__isnull=True)
                | Q(sealed_reference__isnull=True, erased_at__isnull=False),
                name="a_reference_is_sealed_or_erased",
            ),
            models.CheckConstraint(condition=Q(balance__gte=0), name="a_balance_is_not_negative"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def place(self) -> dict[OrganizationKind, int]:
        return {OrganizationKind.MARKET: self.market_id}


class Redemption(models.Model):
    """One code, spent once, by one member."""

    public_id = public_id("red")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="redemptions")
    serial = models.PositiveBigIntegerField()
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="redemptions")
    member = models.ForeignKey(Member, models.PROTECT, related_name="redemptions")
    client = models.ForeignKey(Client, models.PROTECT, null=True, related_name="+")
    # The caller's Idempotency-Key, so that a retry after a crash finds what the first try did.
    request_key = models.CharField(max_length=255, blank=True)
    points = models.PositiveIntegerField()
    redeemed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "serial"], name="one_redemption_per_code")]
        indexes = [
            models.Index(fields=["campaign", "redeemed_at"], name="redemptions_by_time"),
            models.Index(fields=["member", "id"], name="redemptions_of_a_member"),
        ]
        triggers = [
            pgtrigger.Protect(name="redemptions_stay", operation=_APPEND_ONLY),
            whole("redemptions_stay_whole"),
        ]

    def __str__(self) -> str:
        return self.public_id


class LedgerEntry(models.Model):
    """Points given or taken, with the balance after; never changed."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="ledger")
    redemption = models.OneToOneField(Redemption, models.PROTECT, null=True, related_name="ledger_entry")
    points = models.IntegerField()
    balance_after = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "ledger entries"
        indexes = [models.Index(fields=["member", "id"], name="ledger_of_a_member")]
        triggers = [
            pgtrigger.Protect(name="ledger_stays", operation=_APPEND_ONLY),
            whole("ledger_entries_stay_whole"),
        ]

    def __str__(self) -> str:
        return f"{self.points} for {self.member_id}"
