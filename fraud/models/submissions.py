"""Submissions: files of applications, from their arrival to their result."""

from django.db import models

from fraud.models.institutions import Institution
from portal.accounts.actors import OrganizationKind
from portal.core.models import public_id


class Submission(models.Model):
    """A batch of applications of one institution."""

    public_id = public_id("sub")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="submissions")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.public_id

    @property
    def place(self) -> dict[OrganizationKind, int]:
        return {OrganizationKind.INSTITUTION: self.institution_id}
