"""Keys by scope and by subject: made, rotated, destroyed; it holds them wrapped and never opens data itself."""

from django.apps import AppConfig


class KeysConfig(AppConfig):
    name = "portal.keys"
    label = "keys"

    def ready(self) -> None:
        from portal.audit import signing
        from portal.core.signing import keep_signing_keys
        from portal.keys.signing import TrailSigner, signing_key

        keep_signing_keys(signing_key)
        signing.use(TrailSigner())
