"""Further settings of a service as they lie in its row: a table in JSON, or nothing readable."""

import json

# stands for the settings of a row that does not hold any that can be read
NO_SETTINGS = "?"


def settings_in(text: str) -> dict[str, str]:
    """The settings; one damaged row must not cost all others."""
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        return {NO_SETTINGS: text}
    return {str(key): "" if value is None else str(value) for key, value in told.items()}
