"""The tables of the fraud domain in the admin, for looking; what is sealed and what finds people stays hidden."""

from django.contrib import admin

from fraud.models import Application, Case, Contribution, Institution, Screening, Submission
from portal.web.admin import Looking, site


@admin.register(Institution, site=site)
class InstitutionAdmin(Looking):
    """Institutions."""

    list_display = ("name", "code", "time_zone", "currency", "language", "time_budget")
    search_fields = ("name", "code", "public_id")


@admin.register(Application, site=site)
class ApplicationAdmin(Looking):
    """Applications, without who applied and by which reference: looking here takes no right to read them."""

    hidden = ("sealed", "facts_digest", "facts", "reference")
    list_display = ("public_id", "institution", "product", "channel", "arrived_at", "erased_at")
    list_filter = ("institution", "product", "channel")
    list_select_related = ("institution",)
    search_fields = ("public_id",)


@admin.register(Screening, site=site)
class ScreeningAdmin(Looking):
    """Screenings, without what the consortium told of people."""

    hidden = ("explanation", "hits", "reasons")
    list_display = ("public_id", "institution", "kind", "outcome", "score", "is_degraded", "screened_at")
    list_filter = ("institution", "kind", "outcome", "is_degraded")
    list_select_related = ("institution",)
    search_fields = ("public_id",)


@admin.register(Submission, site=site)
class SubmissionAdmin(Looking):
    """Submissions."""

    hidden = ("mapping",)
    list_display = ("public_id", "institution", "state", "created_at")
    list_filter = ("institution", "state")
    list_select_related = ("institution",)
    search_fields = ("public_id",)


@admin.register(Case, site=site)
class CaseAdmin(Looking):
    """Cases, without their notes and what was found of people."""

    hidden = ("reasons", "fraud_type", "fraud_role", "proof", "party", "kinds")
    list_display = ("public_id", "institution", "state", "origin", "priority", "verdict", "opened_at")
    list_filter = ("institution", "state", "origin", "verdict")
    list_select_related = ("institution",)
    search_fields = ("public_id",)


@admin.register(Contribution, site=site)
class ContributionAdmin(Looking):
    """What was handed to the consortium, without what it says of people."""

    hidden = ("fraud_type", "role", "proof", "party", "kinds")
    list_display = ("public_id", "institution", "state", "made_at", "settled_at", "tries")
    list_filter = ("institution", "state")
    list_select_related = ("institution",)
    search_fields = ("public_id", "record")
