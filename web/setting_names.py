"""What settings of checks are called and mean, and what each kind of check aims at: a table."""

from collections.abc import Mapping

from web.tongue import Later, lazy_gettext

# the name, and what it means with its unit and what holds where it is left empty
WORDS: Mapping[str, tuple[Later, Later]] = {
    "every_s": (
        lazy_gettext("Looks every"),
        lazy_gettext("Seconds, 1 to 86,400; empty: as often as the profile of the site says."),
    ),
    "uplink": (
        lazy_gettext("Line it speaks for"),
        lazy_gettext(
            "Name of an uplink of the site, such as main: it counts as down when all such "
            "checks fail."
        ),
    ),
    "address": (
        lazy_gettext("Connect to this address"),
        lazy_gettext("Instead of where the name leads, such as 10.0.0.5."),
    ),
    "verify_certificate": (
        lazy_gettext("Verify the certificate"),
        lazy_gettext("Empty: yes. No: also a wrong or expired certificate is taken."),
    ),
    "timeout_s": (
        lazy_gettext("Longest wait for an answer"),
        lazy_gettext("Seconds; empty: what is usual for this kind."),
    ),
    "status": (
        lazy_gettext("Right HTTP status"),
        lazy_gettext("A number such as 200, several with | between; empty: 200."),
    ),
    "must_match": (
        lazy_gettext("Must stand in the page"),
        lazy_gettext(
            "Texts with | between, capitals do not matter; one that is missing is a fault."
        ),
    ),
    "must_not_match": (
        lazy_gettext("Must not stand in the page"),
        lazy_gettext("Texts with | between; one that is found is a fault."),
    ),
    "follow_redirects": (lazy_gettext("Follow redirects"), lazy_gettext("Empty: yes.")),
    "must_not_redirect_to": (
        lazy_gettext("Must not be redirected to"),
        lazy_gettext("Parts of addresses with | between, such as the bill page of the ISP."),
    ),
    "final_url": (
        lazy_gettext("Must end at"),
        lazy_gettext("What the last address begins with, such as https://sukamaju.desa.id/"),
    ),
    "words": (
        lazy_gettext("Further forbidden words"),
        lazy_gettext(
            "Texts with | between; each is enough to say that the page is not the village's."
        ),
    ),
    "allowed": (
        lazy_gettext("Allowed phrases"),
        lazy_gettext(
            "Texts with | between that are left out before, such as a warning against gambling."
        ),
    ),
    "gambling": (lazy_gettext("Look for gambling and defacement"), lazy_gettext("Empty: yes.")),
    "banner": (
        lazy_gettext("Must be said first"),
        lazy_gettext("A text the server greets with; capitals count."),
    ),
    "server": (
        lazy_gettext("DNS server to ask"),
        lazy_gettext("An address such as 10.0.0.1; empty: the one the machine uses."),
    ),
    "port": (lazy_gettext("Port of the DNS server"), lazy_gettext("1 to 65,535; empty: 53.")),
    "type": (lazy_gettext("Kind of address"), lazy_gettext("A for IPv4, AAAA for IPv6; empty: A.")),
    "expect": (
        lazy_gettext("Must be among the answers"),
        lazy_gettext("An address such as 10.0.0.1; empty: any answer will do."),
    ),
    "tries": (lazy_gettext("Tries"), lazy_gettext("1 to 5; empty: 2.")),
    "count": (lazy_gettext("Packets"), lazy_gettext("1 to 20 each time; empty: 3.")),
    "wait_s": (
        lazy_gettext("Wait after the last packet"),
        lazy_gettext("Seconds, 1 to 10; empty: 2."),
    ),
    "interval_s": (lazy_gettext("Between packets"), lazy_gettext("Seconds, 0.2 to 5; empty: 0.3.")),
    "manager": (
        lazy_gettext("What starts programs there"),
        lazy_gettext("systemd on Debian, procd on OpenWrt; empty: found out by itself."),
    ),
    "login": (
        lazy_gettext("Also sign in"),
        lazy_gettext(
            "Yes: also looks how full the space is. User and password stay in a file on the "
            "agent's machine; empty: no."
        ),
    ),
    "tls": (
        lazy_gettext("Encryption"),
        lazy_gettext(
            "tls: from the first byte; starttls: asked for in clear; auto: where it is "
            "offered; none: never."
        ),
    ),
    "hello": (
        lazy_gettext("Name we greet with"),
        lazy_gettext("A host name; empty: ronda.invalid."),
    ),
    "mx": (
        lazy_gettext("Mail server that must be named"),
        lazy_gettext("A host name among the MX records; empty: any."),
    ),
    "spf": (
        lazy_gettext("SPF record wanted"),
        lazy_gettext("Which servers may send for the domain; empty: yes."),
    ),
    "dmarc": (
        lazy_gettext("DMARC record wanted"),
        lazy_gettext("What others do with forged mail; empty: yes."),
    ),
    "rdap": (
        lazy_gettext("RDAP service to ask"),
        lazy_gettext("An address; empty: the registry's."),
    ),
    "whois": (
        lazy_gettext("WHOIS server to ask"),
        lazy_gettext("HOST or HOST:PORT; empty: the registry's."),
    ),
    "user": (
        lazy_gettext("User named to the database"),
        lazy_gettext("No password is sent: a refusal is an answer, too; empty: ronda."),
    ),
    "database": (lazy_gettext("Database"), lazy_gettext("The one we name; empty: postgres.")),
    "socket": (
        lazy_gettext("Where Docker listens"),
        lazy_gettext("A path; empty: /var/run/docker.sock."),
    ),
    "interface": (
        lazy_gettext("Network interface"),
        lazy_gettext(
            "The one on the side of the hotspot, such as wlan0; empty: that of the default route."
        ),
    ),
    "exempt": (
        lazy_gettext("Hotspot lets this machine through"),
        lazy_gettext("Yes: the login page is looked at, nobody signs in; empty: no."),
    ),
    "url": (
        lazy_gettext("Page a guest opens first"),
        lazy_gettext(
            "With http://, since no hotspot can lead away from https; empty: the one Android "
            "asks for."
        ),
    ),
    "dhcp": (
        lazy_gettext("Ask for an address"),
        lazy_gettext("Tells when the hotspot has no addresses left; empty: yes."),
    ),
    "identity": (
        lazy_gettext("Hardware address that asks"),
        lazy_gettext(
            "Such as 02:00:00:00:00:01, or own for the interface itself; empty: made from the"
            " interface's."
        ),
    ),
    "form": (
        lazy_gettext("Login page has a form"),
        lazy_gettext("No where a script draws it; empty: yes."),
    ),
    "fields": (
        lazy_gettext("Also fill in"),
        lazy_gettext("NAME=VALUE with | between; {user} and {password} are put in."),
    ),
    "login_host": (
        lazy_gettext("Host the form is sent to"),
        lazy_gettext("Where it is not that of the login page."),
    ),
    "logout": (
        lazy_gettext("Address that signs out"),
        lazy_gettext("Such as http://HOST/logout; goes with signing in."),
    ),
    "leases": (
        lazy_gettext("File of DHCP leases"),
        lazy_gettext("A path on the agent's machine; empty: the usual places."),
    ),
    "config": (
        lazy_gettext("Configuration of the DHCP server"),
        lazy_gettext(
            "A path on the agent's machine: tells how many addresses there are; empty: the "
            "usual places."
        ),
    ),
    "device": (
        lazy_gettext("Name of the device"),
        lazy_gettext("As people and charts call it; empty: the name of the check."),
    ),
    "interfaces": (
        lazy_gettext("Only these interfaces"),
        lazy_gettext("Names with | between; * and ? stand for anything; empty: all that matter."),
    ),
    "version": (
        lazy_gettext("Version of SNMP"),
        lazy_gettext("1 for old devices, 2 for v2c; empty: found out by itself."),
    ),
    "community": (
        lazy_gettext("Community of SNMP v2c"),
        lazy_gettext("Goes over the line in clear, and is shown here; empty: public."),
    ),
    "community_secret": (
        lazy_gettext("Community from the passwords"),
        lazy_gettext(
            "The name of a password kept at Passwords of checks, instead of the community itself."
        ),
    ),
    "v3": (lazy_gettext("User of SNMPv3"), lazy_gettext("A name; v2c is not used then.")),
    "auth": (lazy_gettext("How SNMPv3 proves who asks"), lazy_gettext("Empty: sha.")),
    "auth_secret": (
        lazy_gettext("Password that proves it"),
        lazy_gettext("The name of a password kept at Passwords of checks."),
    ),
    "priv": (lazy_gettext("How SNMPv3 encrypts"), lazy_gettext("Empty: aes.")),
    "priv_secret": (
        lazy_gettext("Password that encrypts"),
        lazy_gettext("The name of a password kept at Passwords of checks."),
    ),
    "context": (lazy_gettext("Context of SNMPv3"), lazy_gettext("Empty for nearly all devices.")),
    "profile": (lazy_gettext("Make of the device"), lazy_gettext("Empty: found out by itself.")),
    "walk_every_s": (
        lazy_gettext("Reads everything every"),
        lazy_gettext("Seconds, 1 to 86,400; empty: 60."),
    ),
    "within_s": (
        lazy_gettext("Longest time for one look"),
        lazy_gettext("Seconds; what was read until then counts; empty: 30."),
    ),
    "fingerprint": (
        lazy_gettext("Fingerprint of the certificate"),
        lazy_gettext("SHA-256, 64 hex digits: this certificate is believed, whoever signed it."),
    ),
    "via": (
        lazy_gettext("Program that knows the UPS"),
        lazy_gettext("nut or apcupsd; empty: nut."),
    ),
    "ups": (lazy_gettext("Name of the UPS there"), lazy_gettext("Empty: the first.")),
    "files": (
        lazy_gettext("Names that count"),
        lazy_gettext("With * and ?, such as *.sql.gz; empty: all."),
    ),
    "max_age_h": (lazy_gettext("Oldest it may be"), lazy_gettext("Hours; empty: 26.")),
    "min_bytes": (lazy_gettext("Smallest it may be"), lazy_gettext("Bytes; empty: 1.")),
}
# of one kind, where the same name means something else
OF_KIND: Mapping[tuple[str, str], tuple[Later, Later]] = {
    ("journey", "expect"): (
        lazy_gettext("Must stand in that page"),
        lazy_gettext("A text; empty: the page answers HTTP 204."),
    ),
    ("sideka", "login"): (
        lazy_gettext("Wants a login form"),
        lazy_gettext("Empty: yes. No: any answer will do."),
    ),
    ("journey", "login"): (
        lazy_gettext("Sign in as a guest does"),
        lazy_gettext(
            "Yes: with user and password from a file on the agent's machine, at the login "
            "page named as target; empty: no."
        ),
    ),
}
TARGETS: Mapping[str, Later] = {
    "http": lazy_gettext("An address such as https://sukamaju.desa.id/"),
    "web": lazy_gettext("An address such as https://sukamaju.desa.id/"),
    "defaced": lazy_gettext("An address such as https://sukamaju.desa.id/"),
    "opensid": lazy_gettext("Address of OpenSID, with or without /siteman."),
    "sideka": lazy_gettext("Address of its login page."),
    "nextcloud": lazy_gettext("Address of Nextcloud."),
    "webdav": lazy_gettext("Address of the folder."),
    "tcp": lazy_gettext("HOST:PORT, such as siskeudes.example.go.id:1433."),
    "dns": lazy_gettext("Name to ask for, such as www.google.com."),
    "ping": lazy_gettext("Name or address; gateway: the way out at that moment."),
    "service": lazy_gettext("Unit such as nginx, or process:NAME for a program."),
    "tls": lazy_gettext("Name that the certificate bears; HOST:PORT where it is not 443."),
    "smtp": lazy_gettext("Mail server; HOST:PORT where it is not 25."),
    "imap": lazy_gettext("Mailbox server; HOST:PORT where it is not 993."),
    "mail_domain": lazy_gettext("Domain such as sukamaju.desa.id."),
    "domain": lazy_gettext("Domain such as sukamaju.desa.id."),
    "mysql": lazy_gettext("Database server; HOST:PORT where it is not 3306."),
    "postgres": lazy_gettext("Database server; HOST:PORT where it is not 5432."),
    "docker": lazy_gettext("Name of the container."),
    "backup_age": lazy_gettext("Path of a file, or of a folder whose newest file counts."),
    "journey": lazy_gettext("Address of the login page; any: wherever the hotspot leads."),
    "wifi": lazy_gettext("What people call the access point; any: each radio by itself."),
    "snmp": lazy_gettext("Name or address of the device; HOST:PORT where it is not 161."),
    "routeros": lazy_gettext("Name or address of the router; HOST:PORT where it is not 443."),
    "power": lazy_gettext("Machine that the UPS is plugged into, such as localhost."),
}
