"""API clients and their keys."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.accounts.models.people import Organization, User
from portal.accounts.roles import CLIENT_KIND_NAMES, ClientKind
from portal.core.models import public_id


class Client(models.Model):
    """A program that calls the API, within the markets, brands or printer that it was given."""

    public_id = public_id("cli")
    name = models.CharField(_("name"), max_length=100, unique=True)
    kind = models.CharField(
        _("kind"), max_length=16, choices=[(kind.value, CLIENT_KIND_NAMES[kind]) for kind in ClientKind]
    )
    acts = ArrayField(models.CharField(max_length=32), verbose_name=_("scopes"))
    organizations = models.ManyToManyField(Organization, related_name="clients", verbose_name=_("within"))
    # Who registered it; answers for keys that nobody in particular issued.
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True)
    requests_per_minute = models.PositiveIntegerField(_("requests per minute"), default=60_000)
    # Networks in CIDR notation; without any it may call from everywhere.
    networks = ArrayField(models.CharField(max_length=49), default=list, verbose_name=_("networks"))
    requires_signature = models.BooleanField(_("every request is signed"), default=False)

    def __str__(self) -> str:
        return self.name

    @property
    def kind_name(self) -> str:
        return str(CLIENT_KIND_NAMES[ClientKind(self.kind)])


class ClientKey(models.Model):
    """One key of a client; only the SHA-256 of its 256 random bits is kept."""

    public_id = public_id("key")
    client = models.ForeignKey(Client, models.CASCADE, related_name="keys")
    prefix = models.CharField(max_length=8, unique=True)
    digest = models.BinaryField(max_length=32)
    # Has seen the key, and so answers for it: a second signature by it is one by this person.
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # At most what its client may do.
    acts = ArrayField(models.CharField(max_length=32), default=list, verbose_name=_("scopes"))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.prefix

    def is_live(self, now: datetime) -> bool:
        """Say whether the key opens anything at this moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class SigningKey(models.Model):
    """A public key with which a client signs its requests; the private one never leaves the client."""

    public_id = public_id("sig")
    client = models.ForeignKey(Client, models.CASCADE, related_name="signing_keys")
    # The first 16 hexadecimal digits of the SHA-256 of the key: what a signature names as its `keyid`.
    key_id = models.CharField(max_length=16, unique=True)
    public_key = models.BinaryField(max_length=32)
    registered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.key_id
