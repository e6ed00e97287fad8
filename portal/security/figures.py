"""Figures for Prometheus: how far each reader of the trail is behind."""

from collections.abc import Iterator

from django.db import Error as DatabaseError
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from portal.core.clock import now
from portal.core.tenancy import EVERYWHERE, acting_within
from portal.security.queries import Health, stream_health


class StreamFigures(Collector):
    """Asked anew for each look at the figures."""

    def collect(self) -> Iterator[Metric]:
        entries = GaugeMetricFamily(
            "countersign_stream_behind", "Sealed entries that a reader has not had yet", labels=["stream"]
        )
        seconds = GaugeMetricFamily(
            "countersign_stream_behind_seconds", "Age of the oldest of them", labels=["stream"]
        )
        failing = GaugeMetricFamily("countersign_stream_failing", "1 while a reader fails", labels=["stream"])
        for health in _health():
            entries.add_metric([health.name], health.behind)
            seconds.add_metric([health.name], health.seconds)
            failing.add_metric([health.name], float(not health.is_well))
        yield from (entries, seconds, failing)


def _health() -> list[Health]:
    try:
        with acting_within(EVERYWHERE):
            return stream_health(now=now())
    except DatabaseError:
        # The figure of the database itself says that it is away.
        return []
