"""The collector: the truth about every site: inventory, journal, series, states, causes."""
