"""Addresses of the campaigns API, below /api/v1/."""

from django.urls import path

from campaigns.api import batch_verbs
from campaigns.api.batches import BatchDetail, Batches
from campaigns.api.campaigns import Campaigns
from campaigns.api.codes import CodeChecks
from campaigns.api.redemptions import Redemptions

urlpatterns = [
    path("redemptions", Redemptions.as_view()),
    path("codes/check", CodeChecks.as_view()),
    path("campaigns", Campaigns.as_view()),
    path("batches", Batches.as_view()),
    path("batches/<str:public_id>", BatchDetail.as_view()),
    path("batches/<str:public_id>/approve", batch_verbs.Approve.as_view()),
    path("batches/<str:public_id>/acknowledge", batch_verbs.Acknowledge.as_view()),
    path("batches/<str:public_id>/activate", batch_verbs.Activate.as_view()),
    path("batches/<str:public_id>/recall", batch_verbs.Recall.as_view()),
    path("batches/<str:public_id>/void", batch_verbs.Void.as_view()),
]
