"""How this program is called, for the commands that its messages suggest."""

import os


def called() -> str:
    """``uv run requite`` for who came by ``uv run``, which says so in the environment; else ``requite``."""
    return "uv run requite" if os.environ.get("UV") else "requite"
