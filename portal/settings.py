"""Every setting of every process, each read once from the environment; a bad value stops the start."""

import logging
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from environs import Env, validate

from portal import settings_api
from portal.core.mail_routes import read_route
from portal.security.thresholds import read_thresholds
from portal.settings_engines import *  # noqa: F403 - constants, so that Django finds them here
from portal.settings_engines import REDIS_URL
from portal.settings_fraud import *  # noqa: F403 - constants, so that Django finds them here
from portal.settings_sign_in import *  # noqa: F403 - constants, so that Django finds them here

env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent

# ── What runs ────────────────────────────────────────────────────────────────────────────────────────────
# The kind of this process: web, redeem, screen, registry, campaigns-worker, fraud-worker, trail-worker,
# platform-worker, beat, migrate.
PROCESS = env.str("PROCESS", "web")
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
PUBLIC_URL = env.str("PUBLIC_URL", "http://127.0.0.1:8000")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
# Networks (CIDR) of the proxies in front of us: only what they write into X-Forwarded-For is believed.
_PROXIES: list[str] = env.list("TRUSTED_PROXIES", [])
TRUSTED_PROXIES = [str(ip_network(text)) for text in _PROXIES]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pgtrigger",
    "rest_framework",
    "portal.core",
    "portal.mail",
    "portal.audit",
    "portal.keys",
    "portal.accounts",
    "portal.approvals",
    "portal.security",
    "portal.retention",
    "portal.api",
    "portal.web",
    "campaigns",
    "fraud",
]

MIDDLEWARE = [
    "portal.core.requests.RequestIdMiddleware",
    "portal.core.tenancy.TenancyMiddleware",
    "portal.core.requests.NulMiddleware",
    "portal.core.doorway.DoorwayMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "portal.core.headers.SafetyHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.core.requests.UnavailableMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.web.sessions.SessionLimitsMiddleware",
    "portal.web.middleware.ActorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
if PROCESS in {"redeem", "registry", "screen"}:
    # No sessions, no pages, no forms: what is not there cannot be attacked, and costs nothing.
    ROOT_URLCONF = f"portal.urls_{PROCESS}"
    MIDDLEWARE = [
        # Before all others: they are to see the caller, and not the process that sent the request on.
        "portal.core.forwarded.ForwardedMiddleware",
        "portal.core.requests.RequestIdMiddleware",
        "portal.core.tenancy.TenancyMiddleware",
        "portal.core.requests.NulMiddleware",
        "portal.core.doorway.DoorwayMiddleware",
        "django.middleware.security.SecurityMiddleware",
        "portal.core.headers.SafetyHeadersMiddleware",
        "portal.core.requests.UnavailableMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.common.CommonMiddleware",
        # Does nothing without a session, but allauth does not start without it.
        "allauth.account.middleware.AccountMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
        "csp.middleware.CSPMiddleware",
    ]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.web.context.frame",
            ],
        },
    },
]

# ── Keys ─────────────────────────────────────────────────────────────────────────────────────────────────
# "file": a file on this machine; "kms": AWS KMS, whose keys never leave it.
KEY_PROVIDER = env.str("KEY_PROVIDER", "file", validate=validate.OneOf(["file", "kms"]))
KEY_FILE = Path(env.str("KEY_FILE"))
# One key per purpose, found by its alias: alias/countersign-members and so on.
KMS_ALIAS_PREFIX = env.str("KMS_ALIAS_PREFIX", "alias/countersign-")
KMS_REGION = env.str("KMS_REGION", "us-east-1")
KMS_ENDPOINT_URL = env.str("KMS_ENDPOINT_URL", "") or None
# Opening a key of these purposes leaves an entry in the trail: those that lead to people's data.
KEY_PURPOSES_RECORDED = env.list("KEY_PURPOSES_RECORDED", ["members", "people", "applicants"])

# ── Background work ──────────────────────────────────────────────────────────────────────────────────────
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# Longer than the longest chunk of work: a file of a million codes takes seconds.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    # Whoever sends a nudge tries once and does not wait for a broker that is gone; workers keep trying.
    "max_retries": 0,
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_TASK_DEFAULT_QUEUE = "campaigns"
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True

# ── People ───────────────────────────────────────────────────────────────────────────────────────────────
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "portal.accounts.passwords.BreachedPasswordValidator"},
    {"NAME": "portal.accounts.passwords.ContextValidator"},
]
# A larger list of breached passwords than the bundled one: lines of `SHA-1:count`, sorted by hash.
BREACHED_PASSWORDS = env.path("BREACHED_PASSWORDS", None)
# Tries at signing in: all and refused ones by address, refused ones by account as well, known or not.
ACCOUNT_RATE_LIMITS = {
    "login": env.str("SIGN_IN_LIMIT", "60/m/ip"),
    "login_failed": env.str("SIGN_IN_REFUSALS", "20/m/ip,5/300s/key"),
}
# A header in which a proxy names the caller's country, in place of what anybody might send; none if empty.
COUNTRY_HEADER = env.str("COUNTRY_HEADER", "")
# True asks a second factor of everybody who signs in, not only where a role may approve, reveal or administer.
SECOND_FACTOR_FOR_ALL = env.bool("SECOND_FACTOR_FOR_ALL", False)
# Seconds for which a second factor counts as fresh: for approvals, exports, keys and the like.
STEP_UP_SECONDS = env.int("STEP_UP_SECONDS", 600)
# Seconds without a request after which a session ends, and after which it ends in any case.
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", 1800)
SESSION_COOKIE_AGE = env.int("SESSION_SECONDS", 12 * 3600)

# ── Mail ─────────────────────────────────────────────────────────────────────────────────────────────────
# local:// keeps mail on a page; submission://user:password@host, smtps://… or ses://REGION send it.
MAIL_ROUTE = read_route(env.str("EMAIL_URL", "local://"))
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", "Countersign <no-reply@countersign.example>")
EMAIL_BACKEND = "portal.mail.outbox.OutboxBackend"

# ── Events and detectors ─────────────────────────────────────────────────────────────────────────────────
# Where events leave to (docs/events.md): stdout:, file:///path, syslog://host:port, kinesis://stream, and more.
EVENT_STREAMS: list[str] = env.list("EVENT_STREAMS", [])
# From what number on something is an alert, and when people work.
DETECT = read_thresholds(env)

# ── Safety ───────────────────────────────────────────────────────────────────────────────────────────────
SECURE_COOKIES = PUBLIC_URL.startswith("https://")
# What was asked for by http is asked again by https; probes of machines come by http from inside.
# The registry is asked from inside alone, by its own secret.
SECURE_SSL_REDIRECT = SECURE_COOKIES and PROCESS != "registry"
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
# Only behind a proxy that sets this header itself: otherwise anybody could claim to have come by https.
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("TRUST_FORWARDED_PROTO", False) else None
)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_COOKIES
# The prefix has browsers hold a cookie to this one host, but they accept it over HTTPS alone.
HOST_PREFIX = "__Host-" if SECURE_COOKIES else ""
SESSION_COOKIE_NAME = f"{HOST_PREFIX}countersign"
CSRF_COOKIE_NAME = f"{HOST_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME = f"{HOST_PREFIX}django_language"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
# A link in a mail must find the person signed in, so not "Strict".
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", True)
# Whether a whole domain goes onto the browsers' preload list is its owner's to decide, and hard to take back.
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", False)
SILENCED_SYSTEM_CHECKS = ["security.W021"]
# True where engines are reached over a network that is private and encrypted by itself.
TRUSTED_NETWORK = env.bool("TRUSTED_NETWORK", False)
# True lets single sign-on, webhooks and the like reach private addresses: for trials, and for networks of one owner.
ALLOW_PRIVATE_ADDRESSES = env.bool("ALLOW_PRIVATE_ADDRESSES", False)
# Where researchers report a weakness: "mailto:…" or "https://…".
SECURITY_CONTACT = env.str("SECURITY_CONTACT", "")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# A form of ours has a few dozen fields, and one file at most.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 1
FILE_UPLOAD_HANDLERS = ["portal.core.uploads.SmallFileHandler"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "upgrade-insecure-requests": SECURE_COOKIES,
    }
}

# ── Languages, zones, files ──────────────────────────────────────────────────────────────────────────────
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"
USE_THOUSAND_SEPARATOR = True
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
# The vendored files carry a version in their folder; hashing names needs a collectstatic that DEBUG has no use for.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# ── Clients ──────────────────────────────────────────────────────────────────────────────────────────────
# Days for which a client's key may be issued at most.
CLIENT_KEY_MOST_DAYS = env.int("CLIENT_KEY_MOST_DAYS", 730)

# ── API ──────────────────────────────────────────────────────────────────────────────────────────────────
REST_FRAMEWORK = settings_api.REST_FRAMEWORK
SPECTACULAR_SETTINGS = settings_api.SPECTACULAR_SETTINGS

# ── Logs ─────────────────────────────────────────────────────────────────────────────────────────────────
LOG_LEVEL = env.log_level("LOG_LEVEL", logging.INFO)
LOG_JSON = env.bool("LOG_JSON", True)
LOGGING_CONFIG = "portal.core.logs.configure"
LOGGING: dict[str, Any] = {"level": LOG_LEVEL, "json": LOG_JSON}
