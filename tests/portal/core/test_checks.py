"""Weak configurations do not start; each test differs from a strong one by one setting."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.core.checks import configuration_is_strong, refuse_weak_configuration
from portal.core.mail_routes import read_route

ROOT = Path(__file__).resolve().parents[3]
STRONG = {
    "PUBLIC_URL": "https://portal.example.com",
    "ALLOWED_HOSTS": ["portal.example.com"],
    "SECRET_KEY": "7d1f0c9ab3e54c6f8a2d" * 3,
    "DEBUG": False,
    "TRUSTED_NETWORK": False,
    "REDIS_URL": "rediss://:password@redis.example.com:6379/0",
    "S3_ENDPOINT_URL": None,
    "KMS_ENDPOINT_URL": None,
    "MAIL_ROUTE": read_route("smtp://mail.example.com:587/?tls=True"),
}


@pytest.fixture
def strong(settings: Any) -> Any:
    for name, value in STRONG.items():
        setattr(settings, name, value)
    settings.DATABASES["default"] = {
        **settings.DATABASES["default"],
        "HOST": "database.example.com",
        "OPTIONS": {"sslmode": "verify-full"},
    }
    return settings


def test_a_strong_configuration_starts(strong: Any) -> None:
    refuse_weak_configuration()


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("PUBLIC_URL", "http://portal.example.com", "E001"),
        ("ALLOWED_HOSTS", ["*", "portal.example.com"], "E002"),
        ("SECRET_KEY", "short", "E003"),
        ("SECRET_KEY", "ab" * 40, "E003"),
        ("DEBUG", True, "E004"),
        ("ALLOWED_HOSTS", ["other.example.com"], "E005"),
        ("REDIS_URL", "redis://:password@redis.example.com:6379/0", "E007"),
        ("REDIS_URL", "rediss://:p@redis.example.com:6379/0?ssl_cert_reqs=none", "E007"),
        ("S3_ENDPOINT_URL", "http://s3.example.com", "E008"),
        ("KMS_ENDPOINT_URL", "http://kms.example.com", "E011"),
        ("REGISTRY_URL", "http://registry.example.com", "E012"),
        ("CONSORTIUM_URL", "http://consortium.example.com", "E013"),
        ("MAIL_ROUTE", read_route("local://"), "E009"),
        ("MAIL_ROUTE", read_route("smtp://mail.example.com"), "E010"),
    ],
)
def test_a_weak_setting_stops_the_start(strong: Any, name: str, value: object, number: str) -> None:
    setattr(strong, name, value)

    assert [message.id for message in configuration_is_strong()] == [f"countersign.{number}"]
    with pytest.raises(ImproperlyConfigured, match=number):
        refuse_weak_configuration()


@pytest.mark.parametrize("address", ["smtps://mail.example.com", "smtp://127.0.0.1:25", "ses://eu-west-1"])
def test_mail_may_leave_by_tls_through_this_machine_or_by_ses(strong: Any, address: str) -> None:
    strong.MAIL_ROUTE = read_route(address)

    refuse_weak_configuration()


@pytest.mark.parametrize("mode", ["disable", "prefer", "require"])
def test_a_database_across_the_network_has_to_prove_who_it_is(strong: Any, mode: str) -> None:
    strong.DATABASES["default"]["OPTIONS"] = {"sslmode": mode}

    assert [message.id for message in configuration_is_strong()] == ["countersign.E006"]


@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
def test_a_database_across_the_network_whose_certificate_is_checked_will_do(strong: Any, mode: str) -> None:
    strong.DATABASES["default"]["OPTIONS"] = {"sslmode": mode}

    refuse_weak_configuration()


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("REDIS_URL", "redis://:password@127.0.0.1:6379/0"),
        ("S3_ENDPOINT_URL", "http://localhost:9000"),
        ("KMS_ENDPOINT_URL", "http://127.0.0.1:4566"),
        ("REGISTRY_URL", "http://127.0.0.1:8010"),
        ("REGISTRY_URL", "https://registry.example.com"),
    ],
)
def test_what_stays_on_this_machine_may_do_without_tls(strong: Any, name: str, address: str) -> None:
    setattr(strong, name, address)

    refuse_weak_configuration()


def test_a_trusted_network_may_do_without_tls(strong: Any) -> None:
    strong.DATABASES["default"]["OPTIONS"] = {}
    strong.REDIS_URL = "redis://:password@redis.example.com:6379/0"
    strong.S3_ENDPOINT_URL = strong.KMS_ENDPOINT_URL = "http://engines.example.com"
    strong.TRUSTED_NETWORK = True

    refuse_weak_configuration()


def test_a_web_process_with_a_weak_configuration_does_not_start() -> None:
    weak = {**os.environ, "PUBLIC_URL": "https://portal.example.com", "SECRET_KEY": "short"}

    started = subprocess.run(
        [sys.executable, "-c", "import portal.wsgi"],
        cwd=ROOT,
        env=weak,
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.returncode != 0
    assert "SECRET_KEY can be guessed" in started.stderr


def test_a_worker_with_a_weak_configuration_does_not_start() -> None:
    weak = {**os.environ, "PUBLIC_URL": "http://portal.example.com"}
    command = [sys.executable, "-m", "celery", "--app", "portal.celery", "worker", "--queues", "campaigns"]

    started = subprocess.run(
        command, cwd=ROOT, env=weak, capture_output=True, text=True, check=False, timeout=60
    )

    assert started.returncode != 0
    assert "PUBLIC_URL is http://portal.example.com" in started.stderr + started.stdout


def test_the_deployment_check_of_a_strong_configuration_finds_nothing() -> None:
    strong = {
        **os.environ,
        "PUBLIC_URL": "https://portal.example.com",
        "ALLOWED_HOSTS": "portal.example.com",
        "SECRET_KEY": str(STRONG["SECRET_KEY"]),
        "EMAIL_URL": "smtps://mail.example.com",
    }

    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=strong,
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stderr
