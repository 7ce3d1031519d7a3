"""The data folder of the embedded PostgreSQL (a cluster, in its words): making one, and refusing a foreign one."""

import os
import pathlib
import secrets
import shutil

from services.database.postgres_wheel import MAJOR, PostgresProgramError, run

SUPERUSER = "postgres"
PASSWORD_FILE = ".pgpass"  # noqa: S105 - the name of the file

# Written once, into postgresql.conf: whoever runs the server may change them there or with ALTER SYSTEM.
SERVER_SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "jit": "off",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",  # fewer checkpoints, so fewer whole pages in the log
    "checkpoint_timeout": "15min",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "scram_iterations": "1",  # the password is 256 random bits: stretching adds nothing but time to each connect
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",  # one a weekday, written over a week later
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_error_verbosity": "terse",  # no DETAIL and CONTEXT: they quote rows, and rows hold people's words
    "log_min_error_statement": "panic",  # nor statements
}


def exists(folder: pathlib.Path) -> bool:
    """Answer whether `folder` is a cluster of our major version. Raises PostgresProgramError if it is another's."""
    version_file = folder / "PG_VERSION"
    if not version_file.exists():
        if folder.exists() and any(folder.iterdir()):
            raise PostgresProgramError(f"{folder} holds files, but no PostgreSQL data. Move them away.")
        return False
    found = version_file.read_text(encoding="ascii", errors="replace").strip()
    if found != str(MAJOR):
        raise PostgresProgramError(
            f"{folder} was made by PostgreSQL {found}, and this version of Requite runs {MAJOR}. Use the Requite that"
            f" made it, or move the data to PostgreSQL {MAJOR} with pg_dump or pg_upgrade."
        )
    return True


def make(folder: pathlib.Path, user: str | None) -> None:
    """Make the cluster beside its place and move it there whole, so that a killed initdb leaves nothing in the way."""
    draft, password_file = folder.with_name("postgres.draft"), folder.with_name("postgres.draft.password")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    password = secrets.token_urlsafe(32)
    try:
        _write_private(password_file, password)
        if user is not None:
            shutil.chown(draft, user)
            shutil.chown(password_file, user)
        options = [f"--set={name}={value}" for name, value in SERVER_SETTINGS.items()]
        # The builtin locale sorts alike everywhere and for ever; an operating system's may change under an index.
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8"]
        options += ["--data-checksums", "--auth=scram-sha-256", f"--pwfile={password_file}"]
        run("initdb", f"--username={SUPERUSER}", *options, f"--pgdata={draft}", folder=draft, user=user)
    finally:
        password_file.unlink(missing_ok=True)
    _write_private(draft / PASSWORD_FILE, f"*:*:*:{SUPERUSER}:{password}\n")
    if user is not None:
        shutil.chown(draft / PASSWORD_FILE, user)
    if folder.exists():
        folder.rmdir()  # empty, as `exists` made sure; Windows renames onto nothing that is there
    draft.rename(folder)


def _write_private(path: pathlib.Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor, so that the mode is right from the start
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
