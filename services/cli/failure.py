"""What goes wrong in a way that the person at the command line can mend, said in one line."""

import asyncpg
import msgspec

from domain.refusal import Refusal
from services.archive.stub import ArchiveError
from services.backup.archive import BackupError
from services.cli.running import NoDatabaseError
from services.database.distribution import NoCitusError
from services.database.embedded import EmbeddedServerError
from services.database.master_key import MasterKeyError
from services.database.migrate import MigrationError
from services.ledger.erasures import ErasureListError
from services.ledger.keyring import WrongMasterKeyError
from services.ledger.order import NotTakenError, OutcomeUnknownError
from services.ledger.rebuild import UnknownLedgerError, UnknownReadModelError
from services.proof.builder import BrokenLogError
from services.proof.witness import NotSeenError
from services.reading.question import BadQuestionError
from services.settings import SettingsError
from services.text import in_words


class CommandError(RuntimeError):
    """What was asked for cannot be done. The message says why, and what to do."""


SAY_IT_ALL = (
    ArchiveError,
    BackupError,
    BrokenLogError,
    CommandError,
    EmbeddedServerError,
    ErasureListError,
    MasterKeyError,
    MigrationError,
    NoCitusError,
    NoDatabaseError,
    NotSeenError,
    SettingsError,
    WrongMasterKeyError,
    UnknownLedgerError,
    UnknownReadModelError,
)
"""Errors whose message is written for people."""

LOST = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.CannotConnectNowError, ConnectionError)


def explain(error: BaseException) -> str | None:
    """One line for the person; ``None`` where the error is a fault of ours, whose traceback is worth seeing."""
    match error:
        case Refusal() | BadQuestionError():
            message = error.message
        case msgspec.ValidationError():
            message = f"That does not fit: {in_words(str(error))}"
        case OutcomeUnknownError() | NotTakenError():
            message = "The database went away meanwhile: look whether it was recorded before you try again."
        case FileNotFoundError() | IsADirectoryError() | PermissionError() if error.filename is not None:
            message = f"{error.filename}: {error.strerror}"
        case _ if isinstance(error, SAY_IT_ALL):
            message = str(error)
        case _ if isinstance(error, LOST):
            message = "The database went away meanwhile. Is it running?"
        case _:
            return None
    return " ".join(message.split())
