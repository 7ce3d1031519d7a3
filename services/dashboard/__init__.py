"""The dashboard: pages for people. Server-rendered; every page and form works without JavaScript.

``DASHBOARD`` is what the application mounts. A page is a handler in ``pages``, a template, and what it reads; who is
signed in follows from a sealed cookie (``sessions``), and is looked up at every request. Everything is done by the
forms of the domain's own commands (``forms``). A small module of our own brings news while a page is open (``live``).
"""

from services.dashboard.router import DASHBOARD

__all__ = ["DASHBOARD"]
