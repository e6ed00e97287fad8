"""Addresses of the API's own description."""

from django.urls import path
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

# Our own page around Swagger UI: theirs has a style of its own inline, which the content policy refuses.
docs = SpectacularSwaggerSplitView.as_view(url_name="openapi", template_name="api/docs.html")

urlpatterns = [
    path(
        "v1/openapi.json", SpectacularAPIView.as_view(renderer_classes=[OpenApiJsonRenderer]), name="openapi"
    ),
    path("docs/", docs, name="api-docs"),
]
