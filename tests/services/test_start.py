"""What a start may not wait for."""

import subprocess
import sys

HEAVY = ("authlib", "icalendar", "joserfc", "networkx", "numpy", "scipy", "xlsxwriter")


def test_large_libraries_are_loaded_when_first_needed() -> None:
    code = f"import sys, services.cli, services.http.app; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
