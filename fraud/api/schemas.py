"""The JSON Schema of the canonical application, for everybody who is about to send one; it holds nobody's data."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from fraud.rules.canonical import json_schema


@require_safe
@cache_control(public=True, max_age=3600)
def application_schema(_request: HttpRequest) -> JsonResponse:
    """Give the schema (2020-12) of the version of the application that is taken now."""
    return JsonResponse(
        json_schema(), content_type="application/schema+json", json_dumps_params={"indent": 2}
    )
