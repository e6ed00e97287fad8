"""Organizations, the people who belong to them, and their roles there."""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from portal.accounts.actors import OrganizationKind
from portal.accounts.roles import ROLE_NAMES, Role
from portal.core.models import public_id

LANGUAGES = settings.LANGUAGES


class Organization(models.Model):
    """A market, brand, printer, institution, or the operator; the unit that scopes everything."""

    public_id = public_id("org")
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in OrganizationKind])
    name = models.CharField(_("name"), max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "name"], name="one_name_per_kind_of_organization")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> dict[OrganizationKind, int]:
        """Where an organization belongs: to itself."""
        return {OrganizationKind(self.kind): self.pk}


class Users(BaseUserManager["User"]):
    """Finds people by e-mail address; making them is an operation."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """A person who signs in."""

    public_id = public_id("usr")
    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=100)
    language = models.CharField(_("language"), max_length=5, choices=LANGUAGES, default="en")
    is_active = models.BooleanField(_("may sign in"), default=True)
    created_at = models.DateTimeField()

    objects: ClassVar[Users] = Users()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["email"], name="one_person_per_address"),
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="addresses_are_in_small_letters"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One role of one person in one organization; in the operator's it holds everywhere."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="memberships")
    role = models.CharField(
        _("role"), max_length=12, choices=[(role.value, ROLE_NAMES[role]) for role in Role]
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "organization", "role"], name="one_grant_of_each_role")
        ]

    def __str__(self) -> str:
        return f"{self.role} in {self.organization_id}"

    @property
    def role_name(self) -> str:
        return str(ROLE_NAMES[Role(self.role)])
