"""An agent's checks inside a room: a line of settings in, a line with the reading out.

What a check remembers lasts from line to line, as in a running agent.
"""

import json
import sys
from typing import Any

from agent.config import read
from agent.runner import measure


def main() -> None:
    memory: dict[str, Any] = {}
    for line in sys.stdin:
        check = read({"checks": [json.loads(line)]}).checks[0]
        reading = measure(check, memory)
        steps = {key.split('"')[1]: v for key, v in reading.values.items() if "step=" in key}
        suspended = reading.values.get("ronda_uplink_content_ok") == 0
        told = [str(reading.verdict), reading.reason, steps, suspended]
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
