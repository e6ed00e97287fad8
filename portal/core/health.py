"""Doors for machines that watch: is the process alive, does all it needs answer, and its figures."""

import http.client
import os
from collections.abc import Iterator
from functools import cache
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from redis import Redis, RedisError

log = structlog.get_logger(__name__)

OK = "ok"
# Seconds after its last sign of life for which a worker still counts as there; it shows one every 2 to 5.
LIFE = 12
# The queues that somebody must be working on.
QUEUES = ("campaigns", "fraud", "trail", "platform")


Report = dict[str, str | dict[str, str]]


@cache
def _redis() -> Redis:
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=settings.REDIS_TIMEOUT,
        socket_connect_timeout=settings.REDIS_TIMEOUT,
    )


def show_life(name: str) -> None:
    """Say that this worker, or the keeper of the timetable, is there; a Redis that is gone is only logged."""
    try:
        _redis().set(f"alive:{name}", "1", ex=LIFE)
    except RedisError as error:
        log.warning("life.unseen", name=name, reason=str(error))


def forget_life() -> None:
    """Drop the signs of life of workers that an earlier stop has ended."""
    _redis().delete(*(f"alive:{name}" for name in (*QUEUES, "beat")))


_figures: list[Collector] = []


def show_figures(collector: Collector) -> None:
    """Show the figures of a floor above as well; they are asked for anew each time."""
    if collector not in _figures:
        _figures.append(collector)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process can answer at all."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Name each engine and worker with "ok" or what is wrong; 200 only when all are there."""
    report = readiness()
    is_ready = all(state == OK for state in _parts(report).values())
    return JsonResponse(report, status=200 if is_ready else 503)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Show the figures of this process, or of all web processes where they share a folder of them."""
    registry: CollectorRegistry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    ready = CollectorRegistry()
    for collector in (_Ready(), *_figures):
        ready.register(collector)
    body = generate_latest(registry) + generate_latest(ready)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)


class _Ready(Collector):
    """What `readyz` says, as figures over which an alarm can be set."""

    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily("countersign_ready", "1 for each part that answers", labels=["part"])
        for part, state in _parts(readiness()).items():
            family.add_metric([part], float(state == OK))
        yield family


def readiness() -> Report:
    """Ask each engine once; a worker counts by its sign of life, since to ask it would be to wait."""
    redis, alive = _signs_of_life(*QUEUES, "beat")
    return {
        "database": _database(),
        "redis": redis,
        "storage": _storage(),
        **{name: _answers(f"{url}/healthz") for name, url in _behind()},
        "workers": {queue: alive[queue] for queue in QUEUES},
        "beat": alive["beat"],
    }


def _behind() -> Iterator[tuple[str, str]]:
    """Name the processes that this one calls, with their addresses."""
    for name, url in (("screen", settings.SCREEN_URL), ("registry", settings.REGISTRY_URL)):
        if url:
            yield name, url


def _parts(report: Report) -> dict[str, str]:
    """Lay the report out flat: each engine and worker with its state."""
    flat: dict[str, str] = {}
    for name, state in report.items():
        flat |= (
            {f"{name}.{part}": word for part, word in state.items()}
            if isinstance(state, dict)
            else {name: state}
        )
    return flat


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return _reason(error)
    return OK


def _signs_of_life(*names: str) -> tuple[str, dict[str, str]]:
    try:
        signs = _redis().mget([f"alive:{name}" for name in names])
    except RedisError as error:
        return _reason(error), dict.fromkeys(names, "unknown")
    return OK, {name: OK if sign else "no sign of life" for name, sign in zip(names, signs, strict=True)}


def _storage() -> str:
    """Any answer below 500 will do: an unsigned request to a living S3 is refused."""
    return _answers(settings.S3_ENDPOINT_URL or f"https://s3.{settings.S3_REGION}.amazonaws.com")


def _answers(url: str) -> str:
    address = urlsplit(url)
    connect = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    link = connect(address.netloc, timeout=1)
    try:
        link.request("GET", address.path or "/")
        status = link.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return _reason(error)
    finally:
        link.close()
    return OK if status < 500 else f"answers {status}"


def _reason(error: BaseException) -> str:
    # Only the kind: the message may carry addresses, and this page is open to whoever can reach it.
    return f"does not answer ({type(error).__name__})"
