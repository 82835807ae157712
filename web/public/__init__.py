"""Pages for everybody: no account, no session, no cookie; all of them beneath one address.

A proxy that lets the world in needs to let it no further than `PREFIX` and that of
`web/opendata`.
"""

PREFIX = "/status"
