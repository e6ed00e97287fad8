"""Addresses of the campaigns API, below /api/v1/."""

from django.urls import path

from campaigns.api.codes import CodeChecks
from campaigns.api.redemptions import Redemptions

urlpatterns = [
    path("redemptions", Redemptions.as_view()),
    path("codes/check", CodeChecks.as_view()),
]
