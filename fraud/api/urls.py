"""Addresses of the fraud API, below /api/v1/."""

from django.urls import path

from fraud.api.applications import Applications, OneApplication

urlpatterns = [
    path("applications", Applications.as_view(), name="api-applications"),
    path("applications/<str:public_id>", OneApplication.as_view(), name="api-application"),
]
