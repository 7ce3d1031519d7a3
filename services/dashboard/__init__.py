"""The dashboard: pages for people who signed in with a one-time link. Server-rendered, no JavaScript.

``DASHBOARD`` is what the application mounts. A page is a handler in ``pages``, a template, and a module that reads what
it shows; who is signed in follows from a sealed cookie (``sessions``), and is looked up at every request.
"""

from services.dashboard.pages import DASHBOARD

__all__ = ["DASHBOARD"]
