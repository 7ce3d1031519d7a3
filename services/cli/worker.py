"""A worker process of ``requite serve``: makes the application, and does not outlive the process that started it."""

import multiprocessing
import os
import signal
import threading
from typing import Any


def load_app() -> Any:  # noqa: ANN401 - an ASGI application, for granian
    """The application of this worker; from now on it ends when its parent does, however that ended."""
    from services.http.app import app_from_environment  # noqa: PLC0415 - `serve` itself starts a second sooner without

    threading.Thread(target=_end_with_parent, daemon=True).start()
    return app_from_environment()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
