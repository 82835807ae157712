"""What `doctor` says of the address by which people reach the console."""

from collector.console_address import leads_home
from collector.finding import Finding
from collector.settings import Settings

_NAME = "public address"


def finding(settings: Settings) -> Finding:
    """Whether links that leave this machine lead back to it."""
    url = settings.public_url
    if not url:
        words = "public_url is not set: messages carry no link, links to sign in lead to this "
        return Finding(_NAME, f"{words}machine alone, nobody follows a public page", note=True)
    if leads_home(url):
        words = f"{url} is the machine that reads it: no link opens anywhere else"
        return Finding(_NAME, words, note=True)
    return Finding(_NAME, url)
