"""Tables of the consortium's registry: tokens, and nobody behind them; only the registry process reaches them."""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from fraud.rules.consortium import FraudType, NoticeKind, Proof, Purpose, RecordRole
from fraud.rules.disputes import DisputeAnswer, DisputeReason
from portal.core.models import public_id
from portal.crypto.tokens import TOKEN_BYTES


class RecordState(StrEnum):
    LIVE = "live"
    # Shown with a flag until its contributor upholds or retracts it.
    DISPUTED = "disputed"
    # Shown with its new facts.
    CORRECTED = "corrected"
    # Never shown again.
    RETRACTED = "retracted"


class RegistryMember(models.Model):
    """A member by its pseudonym, which only the registry's key makes of its id."""

    mark = models.BinaryField(max_length=TOKEN_BYTES, unique=True)
    # Its public id, sealed: to whom notices go.
    identity = models.BinaryField(max_length=200)
    # Applications that it may ask about in a day; None is what the settings say.
    quota = models.PositiveIntegerField(null=True)
    joined_on = models.DateField()

    def __str__(self) -> str:
        return f"member {self.pk}"


class RegistryTally(models.Model):
    """What a member asked for and gave in a day: in several rows, so that many at once do not wait for each other."""

    pk = models.CompositePrimaryKey("member_id", "day", "slot")
    member = models.ForeignKey(RegistryMember, models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    slot = models.PositiveSmallIntegerField()
    inquiries = models.PositiveIntegerField(default=0)
    records = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "registry tallies"

    def __str__(self) -> str:
        return f"{self.member_id} {self.day}"


class RegistryRecord(models.Model):
    """A known fraud: what members may be told, and sealed who told it."""

    public_id = public_id("rec")
    # A token of the contribution's id: told twice, it is one record.
    contribution = models.BinaryField(max_length=TOKEN_BYTES, unique=True)
    fraud_type = models.CharField(max_length=24, choices=[(each, each) for each in FraudType])
    role = models.CharField(max_length=12, choices=[(each, each) for each in RecordRole])
    # The first day of the month in which it was confirmed.
    month = models.DateField()
    proof = models.CharField(max_length=12, choices=[(each, each) for each in Proof])
    expires_on = models.DateField()
    # The member's number, sealed in the place of this record: rows of one contributor do not look alike.
    contributor = models.BinaryField(max_length=100)
    state = models.CharField(
        max_length=10, choices=[(each, each) for each in RecordState], default=RecordState.LIVE.value
    )
    # Kinds and outer tokens, packed (fraud.rules.packing).
    tokens = models.BinaryField(max_length=4_096)
    # The application that it was found in, which needs no notice.
    application = models.CharField(max_length=32, blank=True)
    # What earlier applications have not been compared with yet, "" when that is done.
    news = models.CharField(max_length=12, blank=True, choices=[(each, each) for each in NoticeKind])
    registered_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="records_with_news", condition=~Q(news="")),
            models.Index(fields=["expires_on"], name="records_by_expiry"),
        ]

    def __str__(self) -> str:
        return self.public_id


class RegistryToken(models.Model):
    """One outer token of a record that is shown; without foreign keys, since they come by the million."""

    pk = models.CompositePrimaryKey("token", "record_id")
    # 16 bytes; a UUID is compared as two words, and has no length to store.
    token = models.UUIDField()
    record = models.ForeignKey(
        RegistryRecord, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    kind = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"{self.kind} of {self.record_id}"


class RegistryInquiry(models.Model):
    """One look-up: which application was asked about, by whom, why, and with which tokens."""

    application = models.CharField(max_length=32, unique=True)
    member = models.ForeignKey(
        RegistryMember, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    purpose = models.CharField(max_length=12, choices=[(each, each) for each in Purpose])
    month = models.DateField()
    # Kinds, parties and outer tokens, packed.
    tokens = models.BinaryField(max_length=4_096)

    class Meta:
        verbose_name_plural = "registry inquiries"
        indexes = [models.Index(fields=["month"], name="inquiries_by_month")]

    def __str__(self) -> str:
        return self.application


class RegistryInquiryToken(models.Model):
    """The first half of a token of a look-up, by which a record that comes later finds it.

    Eight bytes are enough to find, as the inquiry has the whole; and its index is half as large.
    """

    pk = models.CompositePrimaryKey("head", "inquiry_id")
    head = models.BigIntegerField()
    inquiry = models.ForeignKey(
        RegistryInquiry, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )

    def __str__(self) -> str:
        return f"of {self.inquiry_id}"


class RegistryNotice(models.Model):
    """News for a member about one of its applications; it comes until it is acknowledged."""

    member = models.ForeignKey(RegistryMember, models.PROTECT, related_name="+", db_index=False)
    inquiry = models.ForeignKey(
        RegistryInquiry, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    record = models.ForeignKey(
        RegistryRecord, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    kind = models.CharField(max_length=12, choices=[(each, each) for each in NoticeKind])
    made_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["inquiry", "record", "kind"],
                condition=Q(acknowledged_at=None),
                name="one_waiting_notice_of_a_kind",
            )
        ]
        indexes = [
            models.Index(fields=["id"], name="notices_that_wait", condition=Q(acknowledged_at=None)),
            models.Index(fields=["acknowledged_at"], name="notices_by_their_end"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class RegistryDispute(models.Model):
    """One record that somebody disputes who was told of it; a row for each record that the same words may mean."""

    record = models.ForeignKey(
        RegistryRecord, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    # Who disputes, and about which of its applications.
    member = models.ForeignKey(
        RegistryMember, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    application = models.CharField(max_length=32)
    # What it was told of the record.
    fraud_type = models.CharField(max_length=24, choices=[(each, each) for each in FraudType])
    role = models.CharField(max_length=12, choices=[(each, each) for each in RecordRole])
    reason = models.CharField(max_length=16, choices=[(each, each) for each in DisputeReason])
    raised_at = models.DateTimeField()
    due_on = models.DateField()
    answer = models.CharField(max_length=12, blank=True, choices=[(each, each) for each in DisputeAnswer])
    answered_at = models.DateTimeField(null=True)
    # When each side had heard the last news.
    received_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record", "application"], name="a_record_is_disputed_once_for_each"
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="disputes_to_receive", condition=Q(received_at=None)),
            models.Index(fields=["id"], name="disputes_to_hear", condition=Q(heard_at=None)),
            models.Index(fields=["due_on"], name="disputes_by_due_day", condition=Q(answer="")),
            models.Index(fields=["member", "raised_at"], name="disputes_by_member"),
            models.Index(fields=["application"], name="disputes_by_application"),
        ]

    def __str__(self) -> str:
        return f"dispute {self.pk}"
