"""Keys by scope and by subject: made, rotated, destroyed; it holds them wrapped and never opens data itself."""

from django.apps import AppConfig


class KeysConfig(AppConfig):
    name = "portal.keys"
    label = "keys"
