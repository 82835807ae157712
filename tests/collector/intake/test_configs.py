"""What ingest knows of a site's configuration."""

from collector.alike import kinds_of


def test_a_check_is_its_site_and_its_name() -> None:
    checks = [
        {"name": "web", "kind": "web"},
        {"name": "luar web", "kind": "http", "site": "35.10.06.2005"},
        {"name": "luar web", "kind": "tls", "site": "35.10.06.2006"},
    ]
    assert kinds_of({"checks": checks}) == {
        ("", "web"): "web",
        ("35.10.06.2005", "luar web"): "http",
        ("35.10.06.2006", "luar web"): "tls",
    }
