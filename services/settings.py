"""Settings from the environment. Every one has a default that works on a laptop.

| variable            | meaning                                                                | default            |
|---------------------|------------------------------------------------------------------------|--------------------|
| DATABASE_URL        | a PostgreSQL server of your own: `postgresql://user@host/name`         | the embedded one   |
| READ_DATABASE_URLS | its read replicas, with blanks between; docs/scaling.md says who reads there | none |
| REQUITE_DATA        | folder of the embedded PostgreSQL and its master key                   | the user's own     |
| REQUITE_HOST        | address to listen on                                                   | 127.0.0.1          |
| REQUITE_PORT        | port to listen on, 0 for any free one                                  | 8080               |
| REQUITE_WORKERS     | worker processes                                                       | 1                  |
| REQUITE_ERASURES    | list of erasures, for restoring backups; best on another disk       | `<data>/erasures.ndjson` |
| REQUITE_ARCHIVE     | folder of what `requite archive` put away; all processes have to see it | `<data>/archive`   |
| REQUITE_MASTER_KEY  | base64 of 32 random bytes, which wrap the keys that seal people's words | `<data>/master.key` |
| REQUITE_NAME        | the service's name in its logs' origins; a saved checkpoint stays with it | requite.local     |
| REQUITE_SIGNING_KEYS | base64 of 32 random bytes each, commas between; all sign checkpoints | from the master key |
| REQUITE_WITNESSES  | the keys of witnesses whose cosignatures are kept, commas between       | none               |
| REQUITE_RATE_LIMIT  | how many requests an access key may send to a worker in how many seconds, or off | 6000/60   |
| REQUITE_IF_MATCH    | optional, or required: whether acts have to say which version they build on | optional         |
| REQUITE_WEBHOOKS_ALLOW_PRIVATE | 1: webhooks may go to private addresses, and over plain http | 0               |
| REQUITE_OIDC_ISSUER | a provider of OpenID Connect that people may sign in with on the pages    | none               |
| REQUITE_OIDC_CLIENT_ID | what this service is called there                                    | none               |
| REQUITE_OIDC_CLIENT_SECRET | and its secret                                                  | none               |
| REQUITE_SMTP_URL   | the server that sends mails: `smtp://user:password@host:587`, `smtps://…` | no mails are sent |
| REQUITE_MAIL_FROM  | whom those mails are from: `requite@village.example`                    | needed for mails   |
| REQUITE_ADDRESS    | where people reach the service; links in mails begin with it            | from host and port |
| REQUITE_LOG_LEVEL   | debug, info, warning or error                                          | info               |
| REQUITE_METRICS_TOKEN | who asks for /metrics has to send it; without one, only this machine may | none            |
| REQUITE_DRAIN_SECONDS | how long SIGTERM lets it answer before it closes its port            | 1                  |
"""

import base64
import binascii
import os
import pathlib
import re
import urllib.parse
from collections.abc import Mapping
from typing import Any

import msgspec
import platformdirs

from services.proof.note import COSIGNATURE, NoteError, VerifierKey, read_key

RATE = re.compile(r"(?P<requests>[1-9][0-9]{0,6})/(?P<seconds>[1-9][0-9]{0,6})")
LOG_LEVELS = ("debug", "info", "warning", "error")
MASTER_KEY_BYTES = 32
MAX_WORKERS = 256
MAX_DRAIN_S = 300
TOKEN = re.compile(r"[\x21-\x7e]{16,200}")
HOST_AND_PORT = re.compile(r"(?:\[[^\[\]]*\]|[^\[\]:]*)(?::[0-9]{0,5})?")


NAME = "requite.local"
HOST_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?")

SMTP_PORTS = {"smtp": 587, "smtps": 465}
MAIL_FROM = re.compile(r"[^\s@<>]{1,64}@[A-Za-z0-9.-]{1,253}")
ADDRESS = re.compile(r"https?://(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?/?")


class SettingsError(ValueError):
    """A variable of the environment is wrong. The message names it, and says what would be right."""


class OidcSettings(msgspec.Struct, frozen=True):
    """The provider that people may sign in with, and what this service is called there."""

    issuer: str
    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        """Show everything but the secret."""
        return f"OidcSettings(issuer={self.issuer!r})"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How this process runs; the module's table says what each field means."""

    data: pathlib.Path
    database_url: str | None = None  # None: the embedded server in `data`
    read_database_urls: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    port: int = 8080
    port_given: bool = False  # False: the port is the default, so another will do where it is taken
    workers: int = 1
    master_key: bytes | None = None  # None: see services.database.master_key
    erasures_file: pathlib.Path | None = None  # None: in `data`
    archive_folder: pathlib.Path | None = None  # None: in `data`
    name: str = NAME
    signing_keys: tuple[bytes, ...] = ()  # none: one that follows from the master key
    witnesses: tuple[VerifierKey, ...] = ()
    rate_limit: tuple[int, int] | None = (6000, 60)  # requests in seconds, of each access key
    must_match: bool = False  # True: acts have to come with If-Match
    webhooks_allow_private: bool = False
    oidc: OidcSettings | None = None
    smtp_url: str | None = None  # None: no mails are sent
    mail_from: str | None = None
    address: str | None = None  # None: what host and port say
    log_level: str = "info"
    metrics_token: str | None = None
    drain_s: int = 1

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the variables, of this process unless others are given. Raises SettingsError on a bad value."""
        variables = os.environ if environment is None else environment
        given = {name: value for name, value in variables.items() if value}
        return cls(
            data=_folder(given, "REQUITE_DATA") or default_data_folder(),
            database_url=_database_url(given),
            read_database_urls=_read_database_urls(given),
            host=given.get("REQUITE_HOST", "127.0.0.1"),
            port=_whole_number(given, "REQUITE_PORT", 8080, 0, 65535),
            port_given="REQUITE_PORT" in given,
            workers=_whole_number(given, "REQUITE_WORKERS", 1, 1, MAX_WORKERS),
            master_key=_master_key(given),
            erasures_file=pathlib.Path(given["REQUITE_ERASURES"]).expanduser().absolute()
            if "REQUITE_ERASURES" in given
            else None,
            archive_folder=_folder(given, "REQUITE_ARCHIVE"),
            name=_name(given),
            signing_keys=_signing_keys(given),
            witnesses=_witnesses(given),
            rate_limit=_rate_limit(given),
            must_match=_must_match(given),
            webhooks_allow_private=_whole_number(given, "REQUITE_WEBHOOKS_ALLOW_PRIVATE", 0, 0, 1) == 1,
            oidc=_oidc(given),
            smtp_url=_smtp_url(given),
            mail_from=given.get("REQUITE_MAIL_FROM"),
            address=_address(given),
            log_level=_log_level(given),
            metrics_token=_metrics_token(given),
            drain_s=_whole_number(given, "REQUITE_DRAIN_SECONDS", 1, 0, MAX_DRAIN_S),
        )

    @property
    def erasures(self) -> pathlib.Path:
        """The file that lists erasures, outside the database."""
        return self.erasures_file or self.data / "erasures.ndjson"

    @property
    def archive(self) -> pathlib.Path:
        """The folder of events' bytes that were put away."""
        return self.archive_folder or self.data / "archive"

    def __repr__(self) -> str:
        """Show everything but the secrets: settings end up in logs and tracebacks."""
        database = "the embedded one" if self.database_url is None else "…"
        return f"Settings(data={str(self.data)!r}, database={database}, host={self.host!r}, port={self.port})"


def default_data_folder() -> pathlib.Path:
    """Answer the folder of this user's data on this operating system."""
    return platformdirs.user_data_path("requite", appauthor=False)


def decode_master_key(text: str, source: str) -> bytes:
    """Read base64 (plain or URL-safe) of exactly 32 bytes. Errors name `source` and never hold the text."""
    hint = (
        f"{source} must be base64 of {MASTER_KEY_BYTES} random bytes;"
        ' make one with: python3 -c "import base64, os; print(base64.b64encode(os.urandom(32)).decode())"'
    )
    try:
        key = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        # `from None`: the cause could show a part of the secret.
        raise SettingsError(f"{source} is not base64. {hint}") from None
    if len(key) != MASTER_KEY_BYTES:
        raise SettingsError(f"{source} holds {len(key)} bytes. {hint}")
    return key


def _master_key(given: Mapping[str, str]) -> bytes | None:
    text = given.get("REQUITE_MASTER_KEY")
    return None if text is None else decode_master_key(text, "REQUITE_MASTER_KEY")


def _name(given: Mapping[str, str]) -> str:
    name = given.get("REQUITE_NAME", NAME)
    if HOST_NAME.fullmatch(name) is None:
        raise SettingsError(f"REQUITE_NAME is {name[:40]!r}. It must look like a host's name, for example {NAME}")
    return name


def _signing_keys(given: Mapping[str, str]) -> tuple[bytes, ...]:
    texts = given.get("REQUITE_SIGNING_KEYS", "").split(",")
    return tuple(decode_master_key(text, "Each of REQUITE_SIGNING_KEYS") for text in texts if text.strip())


def _witnesses(given: Mapping[str, str]) -> tuple[VerifierKey, ...]:
    lines = [line for line in given.get("REQUITE_WITNESSES", "").split(",") if line.strip()]
    try:
        keys = tuple(read_key(line) for line in lines)
    except NoteError as error:
        raise SettingsError(f"One of REQUITE_WITNESSES cannot be used. {error}") from None
    if any(key.kind != COSIGNATURE for key in keys):
        raise SettingsError("One of REQUITE_WITNESSES is a log's key; 'requite witness' prints a witness's own.")
    return keys


def _oidc(given: Mapping[str, str]) -> OidcSettings | None:
    names = ("REQUITE_OIDC_ISSUER", "REQUITE_OIDC_CLIENT_ID", "REQUITE_OIDC_CLIENT_SECRET")
    missing = [name for name in names if name not in given]
    if len(missing) == len(names):
        return None
    if missing:
        raise SettingsError(f"{missing[0]} is not set; a provider needs all of: {', '.join(names)}.")
    issuer, client_id, secret = (given[name] for name in names)
    parts = urllib.parse.urlsplit(issuer)
    local = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    if not parts.netloc or parts.scheme not in ({"https", "http"} if local else {"https"}):
        raise SettingsError("REQUITE_OIDC_ISSUER must be an address that begins with https://, as the provider has it.")
    return OidcSettings(issuer, client_id, secret)


def _folder(given: Mapping[str, str], name: str) -> pathlib.Path | None:
    if name not in given:
        return None
    folder = pathlib.Path(given[name]).expanduser().absolute()
    for path in (folder, *folder.parents):
        if path.exists():
            if path.is_dir():
                break
            raise SettingsError(f"{name} must name a folder, but {path} is a file.")
    return folder


def _database_url(given: Mapping[str, str]) -> str | None:
    url = given.get("DATABASE_URL")
    wrong = None if url is None else _what_is_wrong(url)
    if wrong is None:
        return url
    # The value may hold a password: nothing of it is repeated.
    raise SettingsError(
        f"DATABASE_URL {wrong}. It must name a PostgreSQL database, for example"
        " postgresql://requite:password@db.example:5432/requite, with %2F for a / in the password, %40 for a @."
    )


def _read_database_urls(given: Mapping[str, str]) -> tuple[str, ...]:
    urls = given.get("READ_DATABASE_URLS", "").split()
    for number, url in enumerate(urls, 1):
        wrong = _what_is_wrong(url)
        if wrong is not None:  # the value may hold a password: nothing of it is repeated
            raise SettingsError(
                f"Number {number} of READ_DATABASE_URLS {wrong}. Each must name the database at a standby, for example"
                " postgresql://requite:password@standby.example:5432/requite, with blanks between them."
            )
    return tuple(urls)


def _what_is_wrong(url: str) -> str | None:
    if not url.startswith(("postgresql://", "postgres://")):
        return "does not start with postgresql://"
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError:
        return "cannot be read"
    query = urllib.parse.parse_qs(parts.query)
    hosts = parts.netloc.rpartition("@")[2]
    if not all(HOST_AND_PORT.fullmatch(host) for host in hosts.split(",")):
        return "has a host or port that cannot be read"
    if not hosts and "host" not in query:
        return "names no host"
    if not parts.path.strip("/") and not query.keys() & {"dbname", "database"}:
        return "names no database"
    return None


def _whole_number(given: Mapping[str, str], name: str, default: int, lowest: int, highest: int) -> int:
    text = given.get(name)
    if text is None:
        return default
    # isdecimal alone would let other scripts' digits pass, and int() takes blanks and underscores.
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else -1
    if not lowest <= number <= highest:
        raise SettingsError(
            f"{name} is {text[:40]!r}."
            f" It must be a whole number from {lowest} to {highest}, for example {name}={default}"
        )
    return number


def _rate_limit(given: Mapping[str, str]) -> tuple[int, int] | None:
    text = given.get("REQUITE_RATE_LIMIT", "6000/60")
    if text.lower() == "off":
        return None
    match = RATE.fullmatch(text)
    if match is None:
        raise SettingsError(
            f"REQUITE_RATE_LIMIT is {text[:40]!r}. It must be requests/seconds, both 1 to 9999999, as 6000/60, or off"
        )
    return int(match["requests"]), int(match["seconds"])


def _must_match(given: Mapping[str, str]) -> bool:
    text = given.get("REQUITE_IF_MATCH", "optional").lower()
    if text not in {"optional", "required"}:
        raise SettingsError(f"REQUITE_IF_MATCH is {text[:40]!r}. It must be optional or required")
    return text == "required"


def _metrics_token(given: Mapping[str, str]) -> str | None:
    token = given.get("REQUITE_METRICS_TOKEN")
    if token is not None and TOKEN.fullmatch(token) is None:
        raise SettingsError(
            "REQUITE_METRICS_TOKEN must be 16 to 200 characters without blanks;"
            ' make one with: python3 -c "import secrets; print(secrets.token_urlsafe())"'
        )
    return token


def parse_smtp_url(url: str) -> dict[str, Any]:
    """Host, port, user, password, and whether the connection is encrypted from the start. Raises ``ValueError``."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in SMTP_PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(url)
    return {
        "host": parts.hostname,
        "port": parts.port or SMTP_PORTS[parts.scheme],
        "user": None if parts.username is None else urllib.parse.unquote(parts.username),
        "password": None if parts.password is None else urllib.parse.unquote(parts.password),
        "encrypted": parts.scheme == "smtps",
    }


def _smtp_url(given: Mapping[str, str]) -> str | None:
    url = given.get("REQUITE_SMTP_URL")
    if url is None:
        return None
    try:
        parse_smtp_url(url)
    except ValueError:
        # The value may hold a password: nothing of it is repeated.
        raise SettingsError(
            "REQUITE_SMTP_URL must look like smtp://user:password@mail.example:587, or smtps://… where the connection"
            " is encrypted from the start."
        ) from None
    if MAIL_FROM.fullmatch(given.get("REQUITE_MAIL_FROM", "")) is None:
        raise SettingsError("REQUITE_SMTP_URL needs a REQUITE_MAIL_FROM as well, for example requite@village.example")
    return url


def _address(given: Mapping[str, str]) -> str | None:
    address = given.get("REQUITE_ADDRESS")
    if address is not None and ADDRESS.fullmatch(address) is None:
        raise SettingsError(
            f"REQUITE_ADDRESS is {address[:60]!r}. It must look like https://requite.village.example, with no path."
        )
    return None if address is None else address.rstrip("/")


def _log_level(given: Mapping[str, str]) -> str:
    level = given.get("REQUITE_LOG_LEVEL", "info").lower()
    if level not in LOG_LEVELS:
        raise SettingsError(f"REQUITE_LOG_LEVEL is {level[:40]!r}. It must be one of {', '.join(LOG_LEVELS)}")
    return level
