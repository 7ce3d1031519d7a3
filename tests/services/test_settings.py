import base64
import pathlib
import re

import pytest

from services.database.master_key import MasterKeyError, load_master_key
from services.proof.note import COSIGNATURE, SignerKey
from services.reminders.mail import MailServer
from services.settings import Settings, SettingsError

KEY = bytes(range(32))
KEY_TEXT = base64.b64encode(KEY).decode()


def settings(**environment: str) -> Settings:
    return Settings.from_environment(environment)


def test_defaults_need_no_variable() -> None:
    found = settings()
    assert found.data.name == "requite"
    assert found.data.is_absolute()
    assert (found.database_url, found.master_key) == (None, None)
    assert (found.host, found.port, found.port_given) == ("127.0.0.1", 8080, False)
    assert (found.workers, found.log_level) == (1, "info")
    assert (found.rate_limit, found.must_match) == ((6000, 60), False)


def test_every_variable_is_read(tmp_path: pathlib.Path) -> None:
    found = settings(
        DATABASE_URL="postgresql://u:p@h/d",
        REQUITE_DATA=str(tmp_path),
        REQUITE_HOST="::1",
        REQUITE_PORT="0",
        REQUITE_WORKERS="2",
        REQUITE_MASTER_KEY=KEY_TEXT,
        REQUITE_RATE_LIMIT="100/1",
        REQUITE_IF_MATCH="required",
        REQUITE_LOG_LEVEL="WARNING",
        REQUITE_METRICS_TOKEN="0123456789abcdef",  # noqa: S106 - of this test
        REQUITE_DRAIN_SECONDS="9",
    )
    assert found == Settings(
        data=tmp_path,
        database_url="postgresql://u:p@h/d",
        host="::1",
        port=0,
        port_given=True,
        workers=2,
        master_key=KEY,
        rate_limit=(100, 1),
        must_match=True,
        log_level="warning",
        metrics_token="0123456789abcdef",  # noqa: S106 - of this test
        drain_s=9,
    )


def test_without_a_mapping_the_environment_of_the_process_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUITE_PORT", "9999")
    assert Settings.from_environment().port == 9999
    assert settings().port == 8080


def test_an_empty_variable_counts_as_unset() -> None:
    assert settings(REQUITE_PORT="", DATABASE_URL="", REQUITE_MASTER_KEY="") == settings()


def test_the_data_folder_may_start_at_home() -> None:
    assert settings(REQUITE_DATA="~/ledger").data == pathlib.Path.home() / "ledger"


@pytest.mark.parametrize("text", ["x", "-1", "65536", "1.5", "1_000", " 80", "٨٠", "9" * 5000])
def test_a_bad_port_is_named_with_what_would_be_right(text: str) -> None:
    with pytest.raises(SettingsError, match=r"REQUITE_PORT is .* from 0 to 65535, for example REQUITE_PORT=8080"):
        settings(REQUITE_PORT=text)


@pytest.mark.parametrize("text", ["0", "257", "two"])
def test_a_bad_number_of_workers(text: str) -> None:
    with pytest.raises(SettingsError, match=r"REQUITE_WORKERS .* from 1 to 256"):
        settings(REQUITE_WORKERS=text)


@pytest.mark.parametrize("token", ["short", "with a blank in it", "ü" * 16, "x" * 201])
def test_a_bad_metrics_token(token: str) -> None:
    with pytest.raises(SettingsError, match="REQUITE_METRICS_TOKEN must be 16 to 200") as error:
        settings(REQUITE_METRICS_TOKEN=token)
    assert token not in str(error.value)


def test_a_bad_log_level() -> None:
    with pytest.raises(SettingsError, match=r"REQUITE_LOG_LEVEL is 'loud'\. It must be one of debug, info"):
        settings(REQUITE_LOG_LEVEL="loud")


@pytest.mark.parametrize("text", ["0/60", "60", "1/0", "-1/1", "1.5/1", "10000000/1", "many"])
def test_a_bad_rate(text: str) -> None:
    with pytest.raises(SettingsError, match=r"REQUITE_RATE_LIMIT is .* requests/seconds"):
        settings(REQUITE_RATE_LIMIT=text)
    assert settings(REQUITE_RATE_LIMIT="Off").rate_limit is None


def test_acts_have_to_say_their_version_or_not() -> None:
    with pytest.raises(SettingsError, match=r"REQUITE_IF_MATCH is 'yes'\. It must be optional or required"):
        settings(REQUITE_IF_MATCH="yes")


def test_a_bad_database_url_is_refused_without_repeating_its_password() -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL does not start with postgresql://") as caught:
        settings(DATABASE_URL="mysql://root:hunter2@db/requite")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("rest", "what"),
    [
        ("", "names no host"),
        ("/requite", "names no host"),
        ("u:hunter2@db", "names no database"),
        ("u:hunter2@db/", "names no database"),
        ("u:hunter2/x@db/requite", "host or port"),
        ("u:hunter2@db:many/requite", "host or port"),
        ("u:hunter2@[db/requite", "cannot be read"),
    ],
)
def test_a_database_url_that_names_too_little(rest: str, what: str) -> None:
    with pytest.raises(SettingsError, match=f"DATABASE_URL .*{what}.* example postgresql://") as caught:
        settings(DATABASE_URL=f"postgresql://{rest}")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("rest", ["u@/d?host=/tmp", "h1:5432,h2/d", "[::1]:5432/d", "u:p%2F@h?dbname=d"])
def test_database_urls_of_every_form(rest: str) -> None:
    assert settings(DATABASE_URL=f"postgresql://{rest}").database_url == f"postgresql://{rest}"


def test_read_replicas_have_blanks_between_them() -> None:
    first, second = "postgresql://u@a,b/d", "postgresql://u@c/d"
    assert settings(READ_DATABASE_URLS=f" {first}  {second}\n").read_database_urls == (first, second)
    assert settings().read_database_urls == ()
    with pytest.raises(SettingsError, match="Number 2 of READ_DATABASE_URLS names no database") as caught:
        settings(READ_DATABASE_URLS=f"{first} postgresql://root:hunter2@db")
    assert "hunter2" not in str(caught.value)


def test_a_data_folder_that_is_a_file(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").touch()
    for name in ("file", "file/inside"):
        with pytest.raises(SettingsError, match=r"REQUITE_DATA must name a folder, but .*file is a file"):
            settings(REQUITE_DATA=str(tmp_path / name))


@pytest.mark.parametrize(
    ("text", "what"), [("c2VjcmV0", "holds 6 bytes"), ("secret!", "is not base64"), ("sécret", "is not base64")]
)
def test_a_bad_master_key_is_refused_without_repeating_it(text: str, what: str) -> None:
    with pytest.raises(SettingsError, match=f"REQUITE_MASTER_KEY {what}.*base64 of 32 random bytes") as caught:
        settings(REQUITE_MASTER_KEY=text)
    assert text not in str(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_a_master_key_may_be_urlsafe_base64() -> None:
    key = b"\xfb\xff" * 16
    assert settings(REQUITE_MASTER_KEY=base64.urlsafe_b64encode(key).decode()).master_key == key


def test_secrets_do_not_show() -> None:
    shown = repr(settings(DATABASE_URL="postgresql://u:hunter2@h/d", REQUITE_MASTER_KEY=KEY_TEXT))
    assert "hunter2" not in shown
    assert repr(KEY) not in shown
    assert KEY_TEXT not in shown


def test_every_variable_stands_in_the_table_and_no_other() -> None:
    import services.settings as module  # noqa: PLC0415 - its text is the subject

    table = set(re.findall(r"^\| (\w+) ", module.__doc__ or "", re.MULTILINE)) - {"variable"}
    source = pathlib.Path(module.__file__ or "").read_text(encoding="utf-8").partition('"""\n\n')[2]
    assert table == set(re.findall(r'"(DATABASE_URL|READ_DATABASE_URLS|REQUITE_\w+)"', source))


def test_the_given_master_key_is_used_and_no_file_made(tmp_path: pathlib.Path) -> None:
    assert load_master_key(Settings(data=tmp_path, master_key=KEY)) == KEY
    assert list(tmp_path.iterdir()) == []


def test_a_server_of_ones_own_needs_the_key_said(tmp_path: pathlib.Path) -> None:
    with pytest.raises(MasterKeyError, match="DATABASE_URL is set, so REQUITE_MASTER_KEY must be too"):
        load_master_key(Settings(data=tmp_path, database_url="postgresql://h/d"))
    assert list(tmp_path.iterdir()) == []


def test_the_key_file_is_made_once_for_this_user_alone(tmp_path: pathlib.Path) -> None:
    data = tmp_path / "new" / "folder"
    first = load_master_key(Settings(data=data))
    assert len(first) == 32
    assert load_master_key(Settings(data=data)) == first
    assert [path.name for path in data.iterdir()] == ["master.key"]
    assert (data / "master.key").stat().st_mode & 0o777 == 0o600
    assert load_master_key(Settings(data=tmp_path / "other")) != first


def test_a_key_made_by_another_process_meanwhile_stays(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = pathlib.Path.hardlink_to

    def lose_the_race(path: pathlib.Path, draft: pathlib.Path) -> None:
        path.touch(0o600)
        path.write_text(KEY_TEXT, encoding="ascii")
        link(path, draft)

    monkeypatch.setattr(pathlib.Path, "hardlink_to", lose_the_race)
    assert load_master_key(Settings(data=tmp_path)) == KEY
    assert [path.name for path in tmp_path.iterdir()] == ["master.key"]


def test_a_key_file_that_others_can_read_is_refused(tmp_path: pathlib.Path) -> None:
    load_master_key(Settings(data=tmp_path))
    (tmp_path / "master.key").chmod(0o640)
    with pytest.raises(MasterKeyError, match="chmod 600"):
        load_master_key(Settings(data=tmp_path))


def test_a_damaged_key_file_is_refused_without_showing_it(tmp_path: pathlib.Path) -> None:
    load_master_key(Settings(data=tmp_path))
    (tmp_path / "master.key").write_text("dmFndWU=\n", encoding="ascii")
    with pytest.raises(SettingsError, match=r"master\.key holds 5 bytes") as caught:
        load_master_key(Settings(data=tmp_path))
    assert "dmFndWU" not in str(caught.value)


def test_a_lost_key_beside_a_database_is_never_replaced(tmp_path: pathlib.Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("18\n", encoding="ascii")
    with pytest.raises(MasterKeyError, match=r"master\.key is gone"):
        load_master_key(Settings(data=tmp_path))
    assert not (tmp_path / "master.key").exists()


def test_witnesses_are_known_by_their_keys() -> None:
    keys = [SignerKey(name, bytes(32), COSIGNATURE).verifier for name in ("one.example", "two.example")]
    given = {"REQUITE_WITNESSES": f"{keys[0]}, {keys[1]}"}
    assert Settings.from_environment(given).witnesses == tuple(keys)
    assert Settings.from_environment({}).witnesses == ()
    for line, reason in (("nothing", "no key"), (str(SignerKey("a.log", bytes(32)).verifier), "is a log's key")):
        with pytest.raises(SettingsError, match=reason):
            Settings.from_environment({"REQUITE_WITNESSES": line})


def test_mails_are_sent_where_a_server_is_named() -> None:
    assert MailServer.of(settings()) is None
    mail = {"REQUITE_MAIL_FROM": "requite@village.example"}
    server = MailServer.of(settings(REQUITE_SMTP_URL="smtp://mail.example", REQUITE_HOST="::1", **mail))
    assert server == MailServer(
        host="mail.example", port=587, sender="requite@village.example", address="http://[::1]:8080"
    )
    address = "https://requite.village.example/"
    url = "smtps://user:p%40ss@mail.example"
    server = MailServer.of(settings(REQUITE_SMTP_URL=url, REQUITE_ADDRESS=address, **mail))
    assert server is not None
    assert (server.port, server.user, server.password, server.encrypted) == (465, "user", "p@ss", True)
    assert server.address == "https://requite.village.example"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("REQUITE_SMTP_URL", "mail.example"),
        ("REQUITE_SMTP_URL", "http://mail.example"),
        ("REQUITE_SMTP_URL", "smtp://:s3cret@"),
        ("REQUITE_SMTP_URL", "smtp://mail.example:s3cret"),
        ("REQUITE_SMTP_URL", "smtp://mail.example/s3cret"),
        ("REQUITE_MAIL_FROM", "requite"),
        ("REQUITE_MAIL_FROM", ""),
        ("REQUITE_ADDRESS", "requite.village.example"),
        ("REQUITE_ADDRESS", "https://requite.village.example/path"),
    ],
)
def test_wrong_settings_of_mails_are_named(variable: str, value: str) -> None:
    given = {"REQUITE_SMTP_URL": "smtp://mail.example", "REQUITE_MAIL_FROM": "requite@village.example"}
    with pytest.raises(SettingsError, match=variable) as caught:
        settings(**{**given, variable: value})
    assert "s3cret" not in str(caught.value)
