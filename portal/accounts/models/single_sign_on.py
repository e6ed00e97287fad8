"""Single sign-on of organizations: whose provider is believed, for which addresses, and what its words mean here."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.accounts.models.people import Organization, User
from portal.core.models import public_id
from portal.crypto.keyring import Purpose
from portal.keys.fields import SealedField


class SingleSignOn(models.Model):
    """The OpenID provider of one organization."""

    public_id = public_id("sso")
    organization = models.OneToOneField(Organization, models.PROTECT, related_name="single_sign_on")
    issuer = models.CharField(_("issuer"), max_length=300)
    client_id = models.CharField(_("client id"), max_length=200)
    client_secret = SealedField(purpose=Purpose.PEOPLE, longest=500)
    # The claim that names groups, and which role each group means; groups that are not here mean nothing.
    roles_claim = models.CharField(max_length=64)
    roles = models.JSONField(default=dict)
    # Values of amr or acr that say that the provider has seen a second factor; none: its word does not count.
    second_factor_claims = ArrayField(models.CharField(max_length=100), default=list)
    is_on = models.BooleanField(_("in use"), default=False)
    # Nobody who belongs to this organization alone signs in with a password.
    is_enforced = models.BooleanField(_("required"), default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_enforced=False) | models.Q(is_on=True),
                name="required_sign_on_is_in_use",
            )
        ]

    def __str__(self) -> str:
        return self.public_id


class SignOnDomain(models.Model):
    """A domain of addresses for which an organization's provider may speak."""

    single_sign_on = models.ForeignKey(SingleSignOn, models.CASCADE, related_name="domains")
    name = models.CharField(max_length=253)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="one_organization_per_domain")]

    def __str__(self) -> str:
        return self.name


class SignOnIdentity(models.Model):
    """A person as the provider knows them: its own id for them, which no change of address changes."""

    single_sign_on = models.ForeignKey(SingleSignOn, models.CASCADE, related_name="identities")
    subject = models.CharField(max_length=255)
    user = models.ForeignKey(User, models.CASCADE, related_name="sign_on_identities")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["single_sign_on", "subject"], name="one_person_per_subject"),
            models.UniqueConstraint(fields=["single_sign_on", "user"], name="one_subject_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.single_sign_on_id}"
