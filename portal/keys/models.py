"""Keys by scope, by subject and for signing, each wrapped; and what was done with them. No key lies here open."""

from django.db import models
from django.db.models import Q

from portal.core.models import public_id
from portal.crypto.keyring import Purpose

PURPOSES = [(purpose.value, purpose.value) for purpose in Purpose]


class ScopeKey(models.Model):
    """One version of the key of one scope, such as a market, for one purpose; wrapped by the provider.

    The newest version seals; older ones open what they sealed until it is sealed anew.
    """

    public_id = public_id("sck")
    purpose = models.CharField(max_length=32, choices=PURPOSES)
    # "market:org_…", or "platform".
    scope = models.CharField(max_length=64)
    version = models.PositiveSmallIntegerField(default=1)
    # How envelopes refer to it: the first bytes of a digest of the key.
    key_id = models.BinaryField(max_length=8, unique=True)
    wrapped = models.BinaryField(max_length=1000, null=True)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purpose", "scope", "version"], name="one_scope_key_per_version"),
            models.UniqueConstraint(
                fields=["purpose", "scope"],
                condition=Q(retired_at__isnull=True),
                name="one_scope_key_seals",
            ),
            models.CheckConstraint(
                condition=Q(wrapped__isnull=True, destroyed_at__isnull=False)
                | Q(wrapped__isnull=False, destroyed_at__isnull=True),
                name="a_scope_key_is_there_or_destroyed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.scope}, version {self.version}"

    @property
    def context(self) -> str:
        return f"{self.scope}:v{self.version}"


class SubjectKey(models.Model):
    """The key of one person's data, wrapped by a scope key; to destroy it is to erase the data."""

    # The public id of whoever the data is about.
    subject = models.CharField(max_length=32, primary_key=True)
    scope_key = models.ForeignKey(ScopeKey, models.PROTECT, related_name="subject_keys", db_index=False)
    wrapped = models.BinaryField(max_length=100, null=True)
    created_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(wrapped__isnull=True, destroyed_at__isnull=False)
                | Q(wrapped__isnull=False, destroyed_at__isnull=True),
                name="a_subject_key_is_there_or_destroyed",
            ),
        ]

    def __str__(self) -> str:
        return f"key of {self.subject}"


class SigningKey(models.Model):
    """One key that signs; its public half stays published after another has taken over."""

    purpose = models.CharField(max_length=32, choices=PURPOSES)
    # The first 16 hexadecimal digits of the SHA-256 of the public key, as signed documents name it.
    key_id = models.CharField(max_length=16, unique=True)
    public_pem = models.TextField()
    wrapped = models.BinaryField(max_length=1000)
    valid_from = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purpose"], condition=Q(retired_at__isnull=True), name="one_signing_key_signs"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.key_id}"

    @property
    def public_id(self) -> str:
        return self.key_id

    @property
    def context(self) -> str:
        return f"signing:{self.key_id}"


class Certificate(models.Model):
    """What was erased, in words for a machine, signed; the data itself is no longer there to show."""

    public_id = public_id("cer")
    subject = models.CharField(max_length=32, db_index=True)
    # The JSON that was signed, byte for byte.
    content = models.TextField()
    signature = models.CharField(max_length=88)
    key_id = models.CharField(max_length=16)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.public_id


class Rotation(models.Model):
    """The change of the keys of one purpose, with how far it has come; may be broken off and taken up anywhere."""

    public_id = public_id("rot")
    purpose = models.CharField(max_length=32, choices=PURPOSES)
    # Which table is gone through now, and the last row that is done.
    step = models.PositiveSmallIntegerField(default=0)
    cursor = models.CharField(max_length=64, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purpose"], condition=Q(finished_at__isnull=True), name="one_rotation_of_a_purpose"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} of {self.purpose}"
