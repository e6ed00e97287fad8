"""What a configuration must have before it may serve others than this machine; weak ones do not start.

A portal whose PUBLIC_URL begins with https:// serves others. One on this machine's own address is for trying out.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

from portal.core.mail_routes import Way

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
# Django's own bound for a key that cannot be guessed (security.W009).
SHORTEST_SECRET = 50
SHORTEST_REGISTRY_SECRET = 32
FEWEST_CHARACTERS = 5
# Modes of libpq under which nobody on the way can read along, not even by posing as the database.
PRIVATE_MODES = {"verify-ca", "verify-full"}
_IN_THE_CLEAR = "Encrypt it, or set TRUSTED_NETWORK=true where the network itself is private and encrypted."


def refuse_weak_configuration() -> None:
    """Stop a process that is about to serve with a weak configuration.

    :raises ImproperlyConfigured: naming everything that is weak, and what to do
    """
    weak = configuration_is_strong()
    if weak:
        reasons = " ".join(f"[{message.id}] {message.msg} {message.hint}" for message in weak)
        raise ImproperlyConfigured(f"This configuration is too weak to start with. {reasons}")


@register(Tags.security)
def configuration_is_strong(
    app_configs: Sequence[Any] | None = None, **_options: object
) -> list[CheckMessage]:
    """List what is weak."""
    return [*_always(), *(_for_others() if serves_others() else ())]


def serves_others() -> bool:
    """Say whether people beyond this machine reach the portal."""
    return bool(settings.PUBLIC_URL.startswith("https://"))


def _always() -> Iterator[CheckMessage]:
    address = urlsplit(settings.PUBLIC_URL)
    if not serves_others() and address.hostname not in LOOPBACK:
        yield Error(
            f"PUBLIC_URL is {settings.PUBLIC_URL}: passwords and keys would cross a network unencrypted.",
            hint="Serve it by https, through a proxy that ends TLS.",
            id="countersign.E001",
        )
    if settings.REGISTRY_URL and 0 < len(settings.REGISTRY_SECRET) < SHORTEST_REGISTRY_SECRET:
        yield Error(
            "REGISTRY_SECRET can be guessed.",
            hint=f"Use at least {SHORTEST_REGISTRY_SECRET} random characters, such as openssl rand -hex 24 gives.",
            id="countersign.E014",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS allows every name, so links in mails could lead elsewhere.",
            hint="Name the hosts under which the portal is reached.",
            id="countersign.E002",
        )


def _for_others() -> Iterator[CheckMessage]:
    if len(settings.SECRET_KEY) < SHORTEST_SECRET or len(set(settings.SECRET_KEY)) < FEWEST_CHARACTERS:
        yield Error(
            "SECRET_KEY can be guessed.",
            hint=f"Use at least {SHORTEST_SECRET} random characters, such as openssl rand -hex 32 gives.",
            id="countersign.E003",
        )
    if settings.DEBUG:
        yield Error(
            "DEBUG shows settings and code to whoever causes an error.",
            hint="Unset it.",
            id="countersign.E004",
        )
    if urlsplit(settings.PUBLIC_URL).hostname not in settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS lacks the host of PUBLIC_URL, so every request would be refused.",
            hint="Add it.",
            id="countersign.E005",
        )
    if settings.MAIL_ROUTE.way is Way.LOCAL:
        yield Error(
            "EMAIL_URL keeps mail on a page, where operators read links that let others in.",
            hint="Name a mail server: submission://…, smtps://… or ses://REGION.",
            id="countersign.E009",
        )
    if not settings.TRUSTED_NETWORK:
        yield from _engines_in_the_clear()


def _engines_in_the_clear() -> Iterator[CheckMessage]:
    database = settings.DATABASES["default"]
    mode = database.get("OPTIONS", {}).get("sslmode", "")
    if database["HOST"] not in LOOPBACK | {""} and mode not in PRIVATE_MODES:
        yield Error(
            "DATABASE_URL reaches another machine without sslmode=verify-full or verify-ca.",
            hint=_IN_THE_CLEAR,
            id="countersign.E006",
        )
    redis = urlsplit(settings.REDIS_URL)
    if redis.hostname not in LOOPBACK and (redis.scheme != "rediss" or _unverified(redis.query)):
        yield _in_the_clear("REDIS_URL", "E007")
    for name, number in (
        *(("S3_ENDPOINT_URL", "E008"), ("KMS_ENDPOINT_URL", "E011")),
        *(("REGISTRY_URL", "E012"), ("CONSORTIUM_URL", "E013")),
    ):
        address = urlsplit(getattr(settings, name) or "https://")
        if address.scheme != "https" and address.hostname not in LOOPBACK:
            yield _in_the_clear(name, number)
    mail = settings.MAIL_ROUTE.options
    is_private = mail.get("use_tls") or mail.get("use_ssl")
    if mail.get("host", "localhost") not in LOOPBACK and not is_private:
        yield _in_the_clear("EMAIL_URL", "E010")


def _in_the_clear(name: str, number: str) -> Error:
    says = f"{name} reaches another machine without TLS."
    return Error(says, hint=_IN_THE_CLEAR, id=f"countersign.{number}")


def _unverified(query: str) -> bool:
    return "none" in (value.lower() for value in parse_qs(query).get("ssl_cert_reqs", []))
