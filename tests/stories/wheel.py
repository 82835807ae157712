"""The wheel of this checkout, as it would be handed out."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def built(scratch: Path) -> Path:
    """What is committed or about to be, without whatever lies about in the checkout."""
    copy, folder = scratch / "ronda", scratch / "dist"
    listed = run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT).splitlines()
    for name in listed:
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    run([sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(copy)])
    return next(folder.glob("ronda-*.whl"))


def run(command: Sequence[str], cwd: Path | None = None, **env: str) -> str:
    """What it prints; it must succeed."""
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
