"""Markets, brands and printers: organizations with what campaigns need to know of them."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.accounts.actors import OrganizationKind
from portal.accounts.models import Organization
from portal.accounts.models.people import LANGUAGES


class Market(Organization):
    """A country or region with its own zone, currency, language and policy."""

    KIND: ClassVar[OrganizationKind] = OrganizationKind.MARKET

    code = models.SlugField(_("code"), max_length=8, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=64)
    currency = models.CharField(_("currency"), max_length=3)
    language = models.CharField(_("language"), max_length=5, choices=LANGUAGES)
    # "1 in N": the best chance that one random guess may have of hitting a live code.
    guess_odds_floor = models.PositiveBigIntegerField(_("guess odds, at least 1 in"), default=10_000_000)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(guess_odds_floor__gte=1), name="guess_odds_floor_is_positive"
            )
        ]


class Brand(Organization):
    """What is printed on the can."""

    KIND: ClassVar[OrganizationKind] = OrganizationKind.BRAND

    code = models.SlugField(_("code"), max_length=24, unique=True)


class Printer(Organization):
    """Who prints the codes: where files go, for whose key, and laid out how."""

    KIND: ClassVar[OrganizationKind] = OrganizationKind.PRINTER

    endpoint_url = models.CharField(_("S3 address"), max_length=200, blank=True)
    region = models.CharField(_("region"), max_length=32, blank=True)
    bucket = models.CharField(_("bucket"), max_length=63)
    prefix = models.CharField(_("prefix"), max_length=200, blank=True)
    # The name of an entry in PRINTER_CREDENTIALS; empty for the system's own. Secrets never lie in this table.
    credentials = models.CharField(_("credentials reference"), max_length=64, blank=True)
    recipients = ArrayField(models.CharField(max_length=2000), verbose_name=_("age recipients"))
    contact_email = models.EmailField(_("contact"), blank=True)
    layout = models.JSONField(_("row layout"))
    rows_per_file = models.PositiveIntegerField(_("codes per file"), default=1_000_000)
    tested_at = models.DateTimeField(null=True)
    test_passed = models.BooleanField(null=True)
    # [{"step", "passed", "words"}] of the last "test this printer".
    test_steps = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(rows_per_file__gte=1), name="a_file_has_rows")
        ]

    @property
    def address(self) -> str:
        """Where its files go, as people and tools write it: s3://bucket/prefix/."""
        return f"s3://{self.bucket}/{self.prefix}/" if self.prefix else f"s3://{self.bucket}/"
