"""Remote maintenance of routers and mini-PCs over SSH."""
