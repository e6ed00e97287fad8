"""Campaigns: a market, a brand, a span of time, and a code space with its own key."""

from functools import lru_cache

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.parties import Brand, Market
from campaigns.rules.formats import CodeFormat
from portal.accounts.actors import OrganizationKind
from portal.core.models import public_id


class Campaign(models.Model):
    """One promotion; its code format cannot change once a batch exists."""

    public_id = public_id("cmp")
    slug = models.SlugField(_("short name"), max_length=48, unique=True)
    name = models.CharField(_("name"), max_length=100)
    market = models.ForeignKey(Market, models.PROTECT, related_name="campaigns", verbose_name=_("market"))
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="campaigns", verbose_name=_("brand"))
    # Half-open: the first instant that counts and the first that no longer does.
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"))
    paused_at = models.DateTimeField(null=True)
    points_per_code = models.PositiveIntegerField(_("points per code"), default=10)
    # How many codes the campaign means to order in all; the guess odds are designed for it.
    expected_codes = models.PositiveBigIntegerField(_("codes in all"))

    alphabet = models.CharField(_("alphabet"), max_length=64)
    length = models.PositiveSmallIntegerField(_("length"))
    grouping = ArrayField(models.PositiveSmallIntegerField(), default=list, verbose_name=_("grouping"))
    prefix = models.CharField(_("prefix"), max_length=6, blank=True)
    has_check = models.BooleanField(_("check character"), default=True)
    screens_words = models.BooleanField(_("skip offensive words"), default=True)

    # The campaign's own key, wrapped by the keyring under the purpose of campaign codes.
    wrapped_key = models.BinaryField(max_length=200)
    # The first serial that no batch has taken yet.
    next_serial = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closes_at__gt=models.F("opens_at")),
                name="a_campaign_opens_before_it_closes",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> dict[OrganizationKind, int]:
        return {OrganizationKind.MARKET: self.market_id, OrganizationKind.BRAND: self.brand_id}

    @property
    def format(self) -> CodeFormat:
        return _format(self.alphabet, self.length, tuple(self.grouping), self.prefix, self.has_check)

    @property
    def key_context(self) -> str:
        return f"campaign:{self.public_id}"


# A format checks itself when it is made, which takes longer than to read a code with it.
_format = lru_cache(maxsize=256)(CodeFormat)
