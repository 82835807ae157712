"""The inventory in the plain formats of others: Ansible's inventory, NetBox's bulk import."""
