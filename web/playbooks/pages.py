"""All pages of playbooks: they hang on one blueprint."""

from web.playbooks import archive_pages, catalogue, hosts, planning, run_list, run_page
from web.playbooks.desk import bp

__all__ = ["archive_pages", "bp", "catalogue", "hosts", "planning", "run_list", "run_page"]
