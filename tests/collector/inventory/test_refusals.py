"""Every refusal of an inventory file: one file each, with the exact words people read."""

from pathlib import Path

import pytest

from collector.inventory.importing import parse
from collector.inventory.sheet import BadFile
from tests.each import for_each

DATA = Path(__file__).parent.parent / "data"

_TEXT = "format the column as text and enter it again"
_ZEROS = f"; a spreadsheet drops zeros: {_TEXT}"
_FOUR = "expected four groups like 35.10.12.2004, with -suffix if need be, got"
_SCOPE = "expected a site code, an area code, isp:NAME, service:NAME or *, got"
_DATE = "expected a date like 2026-12-25 or 25/12/2026, got"
_URL = "expected http://... or https://..., got"
_WHOLE = "must be a whole number,"

REFUSALS: dict[str, list[str]] = {
    "areas-level": [
        "line 2, column level: 35.10 has level regency, got province",
        "line 3, column parent: 35.10.06 has parent 35.10, got 35.11",
        "line 4, column parent: 35 has parent none, got 62",
    ],
    "contacts-eaten-phone": [
        f"line 2, column whatsapp: a spreadsheet turned this into 6.28E+11: {_TEXT}",
        f"line 2, column sms: a spreadsheet turned this into 6,28123E+12: {_TEXT}",
    ],
    "contacts-no-role": ["line 2, column role: is empty"],
    "contacts-phones": [
        "line 2, column whatsapp: a phone number begins with 0, 62 or +, got '81234567890'",
        "line 3, column whatsapp: a phone number has 8 to 15 digits, got '0812'",
        "line 4, column whatsapp: a phone number has 8 to 15 digits, got '+0123456789'",
        "line 5, column whatsapp: expected a phone number, got 'call me'",
    ],
    "contacts-scopes": [
        f"line 2, column scope: {_SCOPE} '35.1'{_ZEROS}",
        f"line 3, column scope: {_SCOPE} 'isp:'",
        f"line 4, column scope: {_SCOPE} 'all'",
    ],
    "contacts-ways": [
        "line 2, column telegram: expected a chat number or @name, got 'chat'",
        "line 3, column email: expected an e-mail address, got 'a@b'",
        f"line 4, column webhook: {_URL} 'ftp://h/'",
        f"line 5, column telegram: a spreadsheet turned this into 1.2E+09: {_TEXT}",
        f"line 6, column webhook: {_URL} 'http://'",
    ],
    "contacts-words": [
        "line 2, column role: must be one of village, district, noc, isp, agency, got 'boss'",
        f"line 3, column order: {_WHOLE} 1 to 99, got '0'",
        "line 4, column language: must be one of id, en, got 'jv'",
    ],
    "holidays-dates": [
        f"line 2, column date: {_DATE} '2026-02-30'",
        f"line 3, column date: {_DATE} '12/25/2026'",
        f"line 4, column date: {_DATE} '46016'",
    ],
    "services-settings": [
        "line 2, column every_s: must be 1 to 86400, got '0'",
        f"line 2, column status: {_WHOLE} 100 to 599, got '20'",
        "line 3, column banner: a check of kind http has no banner",
    ],
    "services-standard-name": [
        "line 2, column name: gateway is a check every agent has; choose another name",
        "line 3, column site: a service of scope pusat is in no village",
    ],
    "services-targets": [
        f"line 2, column target: {_URL} 'sideka.desa.id'",
        "line 3, column target: expected HOST:PORT, got 'mail'",
        f"line 4, column target: {_WHOLE} 1 to 65535, got '0'",
        "line 5, column target: expected a host name or address, got '-f x'",
        "line 6, column target: expected a unit or process:NAME, got 'a;b'",
        "line 7, column target: a password has no place in an address",
    ],
    "services-unknown-column": [
        "line 1: unknown column must_mach; known are name, scope, owner, depends_on, site, kind,"
        " target, public, vantage, every_s, uplink, address, verify_certificate, timeout_s, status,"
        " must_match, must_not_match, follow_redirects, must_not_redirect_to, final_url, banner,"
        " server, port,"
        " type, expect, tries, count, wait_s, interval_s, manager, words, allowed, gambling,"
        " login, tls, hello, mx, spf, dmarc, rdap, whois, user, database, socket, interface,"
        " exempt, url, dhcp, identity, form, fields, login_host, logout, leases, config,"
        " device, interfaces, community, community_secret, version, v3, auth, auth_secret, priv,"
        " priv_secret, context, profile, walk_every_s, within_s, fingerprint, via,"
        " ups, files, max_age_h, min_bytes"
    ],
    "services-apps": [
        "line 2, column target: expected http://... or https://..., got 'sid.desa.id'",
        "line 3, column target: a password has no place in an address",
        "line 4, column login: a password needs encryption and a certificate that is verified",
        "line 5, column tls: must be one of tls, starttls, none, got 'auto'",
        "line 6, column target: expected a domain like sukamaju.desa.id, got 'localhost'",
        "line 7, column target: expected a path from /, got 'backup'",
        "line 8, column target: expected the name of a container, got '-x'",
        "line 9, column target: must be a whole number, 1 to 65535, got '70000'",
        "line 10, column user: a check of kind smtp has no user",
        "line 11, column login: a password needs encryption and a certificate that is verified",
        "line 12, column files: expected a name with * and ?, got 'a/b'",
        "line 13, column server: expected an address like 10.0.0.1, got 'dns.id'",
    ],
    "services-journey": [
        "line 2, column target: expected http://... or https://..., got '10.5.50.1'",
        "line 3, column target: name the login page that a password may go to",
        "line 4, column login: a machine that is exempt has nowhere to sign in",
        "line 5, column logout: goes with login",
        "line 6, column url: must be http://, no hotspot can lead away from https",
        "line 7, column interface: expected an interface like wlan0, got 'wlan 0'",
        "line 8, column identity: expected own, or an address like 02:00:00:00:00:01, got '02:00'",
        "line 9, column fields: expected NAME=VALUE, got 'voucher'",
        "line 10, column scope: a hotspot is in a village",
    ],
    "services-words": [
        "line 2, column scope: must be one of desa, kabupaten, pusat, got 'kota'",
        "line 3, column kind: must be one of http, tcp, dns, ping, service, web, defaced, opensid,"
        " sideka, nextcloud, webdav, tls, smtp, imap, mail_domain, domain, mysql, postgres, docker,"
        " backup_age, journey, wifi, snmp, routeros, power, got 'pop3'",
    ],
    "sites-bad-suffix": [f"line 2, column code: {_FOUR} '35.10.06.2005 - puskesmas'"],
    "sites-binary": ["neither UTF-8 nor Windows text; save it as CSV UTF-8"],
    "sites-code-lost-zeros": [
        f"line 2, column code: {_FOUR} '35.1'{_ZEROS}",
        f"line 3, column code: {_FOUR} '35.10.6.2005'{_ZEROS}",
    ],
    "sites-code-of-a-district": [f"line 2, column code: {_FOUR} '35.10.06'{_ZEROS}"],
    "sites-code-without-dots": [f"line 2, column code: {_FOUR} '3510062005'; write 35.10.06.2005"],
    "sites-column-twice": ["line 1: column name stands twice"],
    "sites-column-without-name": ["line 1: column 2 has no name"],
    "sites-comma-in-a-cell": [
        "line 2: 4 cells, but 3 columns; put quotes around a cell with a comma"
    ],
    "sites-coordinates": [
        "line 2, column lat: must be -90 to 90, got '-836466'; is the decimal point lost?",
        "line 3, column lon: must be -180 to 180, got '214.2'",
        "line 4, column lat: expected a number, got '8°S'",
    ],
    "sites-eaten-code": [
        f"line 2, column code: a spreadsheet turned this into 3,51006E+09: {_TEXT}"
    ],
    "sites-empty-name": ["line 2, column name: is empty"],
    "sites-isp": [
        "line 2, column isp: a name is missing beside | in 'Telkom|'",
        "line 3, column isp: a name stands twice in 'Telkom|Telkom'",
    ],
    "sites-many": [f"line {n + 2}, column code: {_FOUR} 'x{n}'" for n in range(20)],
    "sites-no-code": ["line 1: column code is missing"],
    "sites-no-header": ["line 1: no header; the first line names the columns"],
    "sites-quote-left-open": ["line 2: unexpected end of data; is a quote left open?"],
    "sites-report-every": [
        f"line 2, column report_every_s: {_WHOLE} 1 to 3600, got '0'",
        f"line 3, column report_every_s: {_WHOLE} 1 to 3600, got '3601'",
        f"line 4, column report_every_s: {_WHOLE} 1 to 3600, got '1.5'",
        "line 5, column report_every_s: expected a number, got 'often'",
    ],
    "sites-same-code-twice": ["line 4, column code: 35.10.06.2005 stands on line 2 too"],
    "sites-unknown-column": [
        "line 1: unknown column colour; known are code, name, district, regency, lat, lon, isp,"
        " upstream, power_feeder, hours, report_every_s, lifecycle, profile, check_every_s,"
        " bytes_per_day"
    ],
    "sites-utf16": ["saved as Unicode text; save it as CSV UTF-8"],
    "sites-words": [
        "line 2, column lifecycle: must be one of planned, active, retired, got 'alive'",
        "line 3, column profile: must be one of fiber, 4g, hemat, got '5g'",
        "line 4, column hours: expected 24h or days and times like Sen-Jum 07.30-15.30,"
        " got 'Sen-Jum'",
        "line 5, column hours: the end lies before the start in 'Jum-Sen 08.00-15.00'",
        "line 6, column hours: 'Mon' is not one of Sen, Sel, Rab, Kam, Jum, Sab, Min",
        "line 7, column hours: the end lies before the start in 'Sen 15.00-08.00'",
        "line 8, column hours: 08.60 is not a time of day",
    ],
    "uplinks-name": [
        "line 2, column name: expected up to 64 letters, digits, spaces or . : / _ -, got 'a\"b'"
    ],
    "uplinks-numbers": [
        "line 2, column mbps: '1.000' may mean two things; write it without the dot",
        "line 2, column sla: must be 0 to 100, got '101'",
        "line 2, column fee_rp: expected a number, got '1.5e6'",
        f"line 2, column bill_day: {_WHOLE} 1 to 31, got '32'",
        f"line 2, column ends: {_DATE} '31/02/2026'",
        "line 2, column isp_phone: expected a phone number, got 'halo'",
    ],
    "uplinks-two-ways": [
        "line 2, column mbps: '1,000' may mean two things; write it without dot and comma",
        "line 2, column fee_rp: '350,000' may mean two things; write it without dot and comma",
        f"line 3, column service_no: a spreadsheet turned this into 1,52412E+11: {_TEXT}",
        f"line 3, column contract_no: a spreadsheet turned this into 2.02611E+15: {_TEXT}",
    ],
    "sites-two-ways": [
        "line 2, column report_every_s: '2.000' may mean two things; write it without dot and"
        " comma",
    ],
    "devices-eaten-serial": [
        f"line 2, column serial: a spreadsheet turned this into 1.23E+14: {_TEXT}",
    ],
}


@for_each("name", REFUSALS)
def test_a_bad_file_is_refused_with_every_place_and_reason(name: str) -> None:
    file = f"bad-{name}.csv"
    expected = REFUSALS[name]
    with pytest.raises(BadFile) as refused:
        parse(name.partition("-")[0], (DATA / file).read_bytes(), file)
    assert refused.value.problems == [f"{file}: {problem}" for problem in expected]
    more = f" (and {len(expected) - 1} more)" if len(expected) > 1 else ""
    assert str(refused.value) == f"{file}: {expected[0]}{more}"


def test_every_bad_file_is_in_the_table() -> None:
    assert {path.name for path in DATA.glob("bad-*.csv")} == {f"bad-{n}.csv" for n in REFUSALS}
