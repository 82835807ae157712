"""Behaves as uclient-fetch of OpenWrt did in a given year: `uclient_fetch.py YEAR ARGUMENT...`.

Takes exactly the options of that year. Bodies go out in pieces, without their length; a password is
shown only after a 401 that asks for Basic, and only with GET; bodies of errors are not written.
Written by reading how it behaves: 2019 posts a text only, 2021 also a file, 2024 knows headers.
"""

import base64
import http.client
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

CONNECT, TLS, HTTP = 4, 5, 8
_PLAIN = {"-q", "--quiet", "-s", "--spider", "--no-check-certificate", "--no-proxy", "-4", "-6"}
_VALUED = {"-O", "-T", "-P", "-U"}
_NAMED = {"--user", "--password", "--user-agent", "--post-data", "--timeout", "--ca-certificate"}
_SINCE = {"--post-file": 2021, "--header": 2024}


class Wrong(Exception):
    """An option that this year does not know."""


def usage(year: int) -> str:
    named = sorted(_NAMED | {name for name, since in _SINCE.items() if since <= year})
    return "Usage: uclient-fetch [options] <URL>\n" + "".join(f"\t{n}=<...>\n" for n in named)


def parse(year: int, words: list[str]) -> tuple[dict[str, list[str]], str]:
    """Options and the address."""
    options: dict[str, list[str]] = {}
    known = _NAMED | {name for name, since in _SINCE.items() if since <= year}
    rest = list(words)
    urls = []
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if word in _PLAIN:
            options[word] = [""]
        elif word in _VALUED and rest:
            options[word] = [rest.pop(0)]
        elif name in known and equals:
            options.setdefault(name, []).append(value)
        elif word.startswith("-"):
            raise Wrong(word)
        else:
            urls.append(word)
    if len(urls) != 1:
        raise Wrong("no address")
    return options, urls[0]


def context(options: dict[str, list[str]]) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=options.get("--ca-certificate", [None])[0])
    if "--no-check-certificate" in options:
        made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    return made


def body_of(options: dict[str, list[str]]) -> bytes | None:
    if "--post-file" in options:
        return Path(options["--post-file"][0]).read_bytes()
    return options["--post-data"][0].encode() if "--post-data" in options else None


def pieces(body: bytes) -> Iterator[bytes]:
    for at in range(0, len(body), 1024):
        yield body[at : at + 1024]


def request(
    options: dict[str, list[str]], url: str, headers: dict[str, str]
) -> http.client.HTTPResponse:
    parts = urlsplit(url)
    limit_s = float(options.get("-T", ["20"])[0])
    if parts.scheme == "https":
        secured = context(options)
        line: http.client.HTTPConnection = http.client.HTTPSConnection(
            parts.netloc, timeout=limit_s, context=secured
        )
    else:
        line = http.client.HTTPConnection(parts.netloc, timeout=limit_s)
    body, given = body_of(options), {"User-Agent": "uclient-fetch", **headers}
    for each in options.get("--header", []):
        name, _, value = each.partition(":")
        given[name.strip()] = value.strip()
    if body is None:
        line.request("GET", parts.path or "/", None, given)
    else:
        given |= {"Content-Type": "application/x-www-form-urlencoded"}
        line.request("POST", parts.path, pieces(body), given, encode_chunked=True)
    return line.getresponse()


def fetch(options: dict[str, list[str]], url: str) -> int:
    answer = request(options, url, {})
    asked = (answer.headers.get("WWW-Authenticate") or "").lower().startswith("basic")
    if answer.status == 401 and asked and "--user" in options and body_of(options) is None:
        answer.read()
        who = f"{options['--user'][0]}:{options.get('--password', [''])[0]}"
        shown = base64.b64encode(who.encode()).decode()
        answer = request(options, url, {"Authorization": f"Basic {shown}"})
    text = answer.read()
    if answer.status not in (200, 204):
        print(f"HTTP error {answer.status}", file=sys.stderr)
        return HTTP
    out = options.get("-O", ["-"])[0]
    if out == "-":
        sys.stdout.buffer.write(text)
    else:
        Path(out).write_bytes(text)
    print(f"Download completed ({len(text)} bytes)", file=sys.stderr)
    return 0


def main() -> int:
    year, words = int(sys.argv[1]), sys.argv[2:]
    try:
        options, url = parse(year, words)
    except Wrong as wrong:
        print(f"uclient-fetch: unrecognized option: {wrong}", file=sys.stderr)
        print(usage(year), file=sys.stderr)
        return 1
    try:
        return fetch(options, url)
    except ssl.SSLCertVerificationError:
        print("Connection error: Invalid SSL certificate", file=sys.stderr)
        return TLS
    except (OSError, http.client.HTTPException):
        print("Connection error: Connection failed", file=sys.stderr)
        return CONNECT


if __name__ == "__main__":
    sys.exit(main())
