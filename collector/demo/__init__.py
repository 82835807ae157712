"""A regency that does not exist, with a past and with faults that heal: for training."""
