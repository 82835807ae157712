"""One file a kind of probe; `PROBES` maps the kind named in the configuration to its settings."""
