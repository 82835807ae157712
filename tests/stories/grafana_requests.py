"""Requests as Grafana 11 and 12 writes them to a Prometheus data source that is set to POST.

Its backend sends names and values sorted and escaped as Go does; what it only knows by GET (label
values, metadata, rules, the version) goes by GET. `{START}`, `{END}` and `{SITE}` are put in.
"""

from typing import NamedTuple


class Sent(NamedTuple):
    """What for, and the request; `endpoint` names the shape of the answer, "" for 404."""

    why: str
    method: str
    target: str
    body: str
    endpoint: str


def post(why: str, path: str, body: str, query: str = "") -> Sent:
    return Sent(why, "POST", path + query, body, path)


def get(why: str, path: str, query: str = "", endpoint: str | None = None) -> Sent:
    return Sent(why, "GET", path + query, "", path if endpoint is None else endpoint)


LABELS = "label/values"
REQUESTS = (
    post("Save & test", "query", "query=1%2B1&time=4"),
    get("Save & test: which product", "status/buildinfo"),
    get("alerting: is it Mimir?", "status/config", endpoint=""),
    get("alerting: rules of the source", "rules"),
    get("alerting: a page of them", "rules", "?exclude_alerts=true&group_limit=40"),
    get("alerting: alerts", "alerts"),
    get(
        "Explore opens: metrics",
        "label/__name__/values",
        "?end={END}&limit=40000&start={START}",
        LABELS,
    ),
    post("Explore opens: labels", "labels", "end={END}&limit=40000&start={START}"),
    get("Explore opens: types and help", "metadata", "?limit=40000"),
    post(
        "query builder: labels of a metric",
        "labels",
        "end={END}&limit=40000&match%5B%5D=%7B__name__%3D%22ronda_host_load1%22%7D&start={START}",
    ),
    post(
        "query builder: a metric by its quoted name",
        "labels",
        "end={END}&limit=0&match%5B%5D=%7B%22ronda_host_load1%22%7D&start={START}",
    ),
    get(
        "query builder: values of a label",
        "label/site/values",
        "?end={END}&limit=40000&match%5B%5D=%7B__name__%3D%22ronda_host_load1%22%7D&start={START}",
        LABELS,
    ),
    post(
        "metrics browser: everything",
        "series",
        "end={END}&limit=40000&match%5B%5D=%7B__name__%21%3D%22%22%7D&start={START}",
    ),
    post(
        "metrics browser: series that have a label",
        "series",
        "end={END}&limit=40000&match%5B%5D=%7B%22isp%22%21%3D%22%22%7D&start={START}",
    ),
    post("parameters in the address, an empty form", "labels", "", "?end={END}&start={START}"),
    post("format a query", "format_query", "query=sum%28ronda_host_load1%29+by+%28isp%29"),
    get(
        "a variable: label_values with a selector",
        "label/district/values",
        "?end={END}&match%5B%5D=ronda_site_state%7Bregency%3D~%22.%2A%22%7D&start={START}",
        LABELS,
    ),
    get("a variable: label_values alone", "label/isp/values", "?end={END}&start={START}", LABELS),
    get(
        "a variable: a label in escaped form",
        "label/U__isp/values",
        "?end={END}&start={START}",
        LABELS,
    ),
    post(
        "a variable: query_result",
        "query",
        "query=ronda_site_state%7Bstate%3D%22normal%22%7D&time={END}",
    ),
    post(
        "a panel over time",
        "query_range",
        "end={END}&query=rate%28ronda_uplink_receive_bytes_total%7Bsite%3D%22{SITE}%22%7D"
        "%5B4m0s%5D%29+%2A+8&start={START}&step=60",
    ),
    post(
        "a panel with a step under a second, and a limit of time",
        "query_range",
        "end={END}.2&query=ronda_host_load1&start={END}&step=0.05&timeout=30s",
    ),
    post(
        "a panel of now",
        "query",
        "query=topk%2810%2C+ronda_report_age_seconds%7Bisp%3D~%22%28Telkom%7CIcon%5C%5C%2B%29%22%7D"
        "%29&time={END}.25&timeout=30s",
    ),
    post(
        "exemplars beside a panel",
        "query_exemplars",
        "end={END}&query=histogram_quantile%280.9%2C+sum+by+%28le%29+%28rate%28x_bucket%5B4m0s%5D"
        "%29%29%29&start={START}",
    ),
    post("an annotation", "query_range", "end={END}&query=ALERTS&start={START}&step=60"),
)
