"""Addresses of the pages of the fraud domain."""

from django.urls import URLPattern, path

from fraud.views import applications, cases, institutions, verdicts

urlpatterns: list[URLPattern] = [
    # ── Cases ──
    path("cases/", cases.case_list, name="cases"),
    path("cases/next/", cases.claim_next, name="case-next"),
    path("cases/<str:public_id>/", cases.case_detail, name="case"),
    path("cases/<str:public_id>/claim/", cases.claim, name="case-claim"),
    path("cases/<str:public_id>/release/", cases.release, name="case-release"),
    path("cases/<str:public_id>/decide/", verdicts.decide, name="case-decide"),
    path("cases/<str:public_id>/reopen/", cases.reopen, name="case-reopen"),
    path("cases/<str:public_id>/notes/", cases.note, name="case-note"),
    # ── Applications ──
    path("applications/", applications.application_list, name="applications"),
    path("applications/find/", applications.look_up, name="application-look-up"),
    path("applications/<str:public_id>/", applications.application_detail, name="application"),
    path("applications/<str:public_id>/people/<int:party>/", applications.reveal, name="application-reveal"),
    # ── Institutions ──
    path("institutions/", institutions.institution_list, name="institutions"),
    path("institutions/new/", institutions.new_institution, name="institution-new"),
    path("institutions/<str:public_id>/", institutions.institution_detail, name="institution"),
    path("institutions/<str:public_id>/edit/", institutions.edit_institution, name="institution-edit"),
]
