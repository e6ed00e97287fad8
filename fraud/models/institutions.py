"""Institutions: organizations with what screening needs to know of them."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.accounts.actors import OrganizationKind
from portal.accounts.models import Organization
from portal.accounts.models.people import LANGUAGES


class Institution(Organization):
    """A bank or lender that sends applications, and a member of the consortium."""

    KIND: ClassVar[OrganizationKind] = OrganizationKind.INSTITUTION

    code = models.SlugField(_("code"), max_length=24, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=64)
    currency = models.CharField(_("currency"), max_length=3)
    language = models.CharField(_("language"), max_length=5, choices=LANGUAGES)
    # Milliseconds that an online answer may take; then it comes later.
    time_budget = models.PositiveIntegerField(_("time budget in ms"), default=1_500)

    # The mapping by which files are read whose sender names none; empty for canonical JSON Lines.
    default_layout = models.CharField(_("default layout"), max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(time_budget__gte=50, time_budget__lte=30_000),
                name="a_time_budget_is_50_ms_to_30_s",
            )
        ]

    @property
    def scope(self) -> str:
        """The scope of the keys under which its applications are sealed and found."""
        return f"institution:{self.pk}"
