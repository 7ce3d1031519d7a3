"""What a start may not wait for."""

import subprocess
import sys

HEAVY = ("networkx", "numpy", "scipy")


def test_the_libraries_for_figures_are_loaded_when_first_needed() -> None:
    code = f"import sys, services.cli, services.http.app; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
