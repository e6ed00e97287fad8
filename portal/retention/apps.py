"""What is kept how long, what is held, what went and when, and what one person may ask for."""

from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "portal.retention"
    label = "retention"
