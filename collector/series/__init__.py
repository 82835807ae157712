"""Numbers over time: the window of the recent past and the blocks of history."""
