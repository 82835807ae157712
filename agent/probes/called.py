"""What is a device called in its series: by the name that somebody gave it, else by its address."""


class Called:
    """For checks of one device; `device` is the label where it is not the check's `name`."""

    name: str
    host: str
    device: str

    @property
    def label(self) -> str:
        return self.device or self.name

    @property
    def given_name(self) -> str:
        """What somebody called this device; "" where it goes by its address."""
        return "" if self.label == self.host else self.label
