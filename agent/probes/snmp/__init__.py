"""Devices that speak SNMP: routers, access points, OLTs, UPSes, each by a profile that is data.

`message` and `usm` put a question on the wire, `session` waits for its answer, `walk` reads
tables within bounds, `profile` says what a device has, `reading` makes series of it.
"""
