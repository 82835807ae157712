"""MikroTik routers by the REST API of RouterOS 7: what is asked, and what the answers mean."""
