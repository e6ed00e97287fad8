"""Fields that convert nothing: a guess at a quantity, a person or a time is worse than a refusal."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy
from rest_framework import serializers


class TextField(serializers.CharField):
    """Text that was sent as text: a long reference sent as a number has lost its last digits on the way."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class WholeField(serializers.IntegerField):
    """A whole number that was sent as a number: “10.000” is ten to some and ten thousand to others."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class MomentField(serializers.DateTimeField):
    """A moment with its offset: without one it would be some hours off wherever the zone is not UTC."""

    default_error_messages = {
        "no_offset": gettext_lazy("Give the time with its offset, as 2026-07-14T06:00:00Z.")
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            self.fail("no_offset")
        return super().enforce_timezone(value)
