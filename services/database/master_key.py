"""The master key: 32 bytes that wrap the keys under which people's words are sealed. Without it, no word opens."""

import base64
import contextlib
import os
import pathlib
import secrets

from services.settings import MASTER_KEY_BYTES, Settings, decode_master_key

FILE_NAME = "master.key"


class MasterKeyError(RuntimeError):
    """There is no master key, or none that may be trusted. The message says what to do."""


def load_master_key(settings: Settings) -> bytes:
    """Answer the 32 bytes: from the settings, or the embedded server's data folder, where it is made once.

    Call it before the embedded server starts: a folder that holds a database but no key gets an error, not a new
    key, for the words in that database were sealed under the lost one.
    """
    if settings.master_key is not None:
        return settings.master_key
    if settings.database_url is not None:
        raise MasterKeyError(
            "DATABASE_URL is set, so REQUITE_MASTER_KEY must be too: every process that uses that server needs the"
            " same key, and a key made quietly in one machine's folder would be lost with that machine, and all"
            " sealed words with it. Make one, and keep a copy where the database's backups are not:"
            ' python3 -c "import base64, os; print(base64.b64encode(os.urandom(32)).decode())"'
        )
    path = settings.data / FILE_NAME
    if not path.exists():
        if (settings.data / "postgres" / "PG_VERSION").exists():
            raise MasterKeyError(
                f"{path} is gone, but the database beside it has words sealed under that key."
                " Put the file back from a backup, or set REQUITE_MASTER_KEY to what it held."
            )
        _make(path)
    return _read(path)


def _make(path: pathlib.Path) -> None:
    """Write a new key to the disk, whole or not at all; where another process was first, its key stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{FILE_NAME}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, so that the mode is right from the start
            file.write(base64.b64encode(secrets.token_bytes(MASTER_KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        # A link, unlike a rename, never replaces a key that another process made meanwhile.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
    _sync_folder(path.parent)


def _sync_folder(folder: pathlib.Path) -> None:
    """Make the new name last through a power cut. Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: pathlib.Path) -> bytes:
    if os.name != "nt" and path.stat().st_mode & 0o077:
        raise MasterKeyError(f"{path} can be read by other users. Make it yours alone: chmod 600 {path}")
    return decode_master_key(path.read_text(encoding="ascii", errors="replace"), str(path))
