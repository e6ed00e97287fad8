"""Addresses of the fraud API, below /api/v1/."""

from django.urls import path

from fraud.api import submission_verbs as verbs
from fraud.api.applications import Applications, OneApplication
from fraud.api.disputes import ApplicationDisputes
from fraud.api.intake_keys import CurrentIntakeKey
from fraud.api.schemas import application_schema
from fraud.api.submissions import OneSubmission, Submissions

urlpatterns = [
    path("applications", Applications.as_view(), name="api-applications"),
    path("applications/<str:public_id>", OneApplication.as_view(), name="api-application"),
    path("applications/<str:public_id>/disputes", ApplicationDisputes.as_view()),
    path("submissions", Submissions.as_view(), name="api-submissions"),
    path("submissions/<str:public_id>", OneSubmission.as_view(), name="api-submission"),
    path("submissions/<str:public_id>/complete", verbs.CompleteSubmission.as_view()),
    path("submissions/<str:public_id>/pause", verbs.PauseSubmission.as_view()),
    path("submissions/<str:public_id>/resume", verbs.ResumeSubmission.as_view()),
    path("submissions/<str:public_id>/cancel", verbs.CancelSubmission.as_view()),
    path("submissions/<str:public_id>/retry", verbs.RetrySubmission.as_view()),
    path("submissions/<str:public_id>/result", verbs.SubmissionResult.as_view()),
    path("submissions/<str:public_id>/rejects", verbs.SubmissionRejects.as_view()),
    path("intake-key", CurrentIntakeKey.as_view(), name="api-intake-key"),
    path("schemas/application.json", application_schema, name="api-application-schema"),
]
