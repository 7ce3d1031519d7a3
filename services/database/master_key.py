"""The master key: 32 bytes that wrap the keys under which people's words are sealed. Without it, no word opens."""

import base64
import os
import pathlib
import secrets

from services.files import make_once
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
        make_once(path, base64.b64encode(secrets.token_bytes(MASTER_KEY_BYTES)) + b"\n")
    return read_key_file(path)


def read_key_file(path: pathlib.Path) -> bytes:
    """The 32 bytes of a file that only this user may read. Raises ``MasterKeyError`` or ``SettingsError``."""
    if os.name != "nt" and path.stat().st_mode & 0o077:
        raise MasterKeyError(f"{path} can be read by other users. Make it yours alone: chmod 600 {path}")
    return decode_master_key(path.read_text(encoding="ascii", errors="replace"), str(path))
