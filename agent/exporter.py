"""The agent's numbers as /metrics on this machine, for whoever already scrapes with Prometheus."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from agent.report import parse_series
from agent.strict import Refused

if TYPE_CHECKING:
    from prometheus_client.core import Metric

Values = Mapping[str, float | None]


class Exporter:
    """Serves what `latest` gives until closed. Refused when that cannot be."""

    def __init__(self, address: str, latest: Callable[[], Values]) -> None:
        try:
            # most agents do without, and it is 13 MiB
            from prometheus_client import CollectorRegistry, start_http_server
        except ModuleNotFoundError:
            raise Refused(
                "metrics", "needs prometheus-client: pip install 'ronda[metrics]'"
            ) from None
        registry = CollectorRegistry()
        self._latest = latest
        registry.register(self)
        self.address = address
        host, _, port = address.rpartition(":")
        try:
            self._server, self._thread = start_http_server(int(port), host.strip("[]"), registry)
        except OSError as error:
            raise Refused("metrics", f"{address}: {error.strerror or error}") from error

    def describe(self) -> list["Metric"]:
        """Nothing is known before the first frame."""
        return []

    def collect(self) -> Iterator["Metric"]:
        """One family a name; what could not be measured is left out."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        families: dict[str, Metric] = {}
        for text, value in self._latest().items():
            if value is None or value != value:
                continue
            name, labels = parse_series(text)
            if name not in families:
                kind = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
                families[name] = kind(name, name)
            families[name].add_sample(name, labels, value)
        yield from families.values()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
