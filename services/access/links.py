"""Sign-in links: a random token that stands for an access key once, within some minutes."""

from collections.abc import Callable
from datetime import datetime, timedelta

from services.access.keys import AccessKey, Database, find_key
from services.access.tokens import hash_secret, parse_secret, random_secret
from services.database.pool import load_sql
from services.ledger.opening import LEDGER_ID

LINK_LIFE = timedelta(minutes=15)


async def create_link(
    database: Database,
    key: AccessKey,
    *,
    clock: Callable[[], datetime],
    life: timedelta = LINK_LIFE,
    only_here: bool = False,
) -> str:
    """Make a link's token for a key; only its hash is stored. Links that nobody used in time are cleared on the way.

    With ``only_here`` it is good on the machine itself alone: for one that is printed where others may read it.
    """
    text, hashed = random_secret()
    now = clock()
    await database.execute(
        load_sql("services/access/sql/new_link.sql"), key.ledger_id, hashed, key.key_id, now + life, now, only_here
    )
    return text


async def redeem_link(
    database: Database, ledger_id: str, token: str, *, clock: Callable[[], datetime], here: bool = False
) -> AccessKey | None:
    """The key that a link stands for, once and in time; ``None`` otherwise, or where the key is at its end.

    ``here`` says that it is redeemed on the machine itself.
    """
    secret = parse_secret(token)
    if secret is None or LEDGER_ID.fullmatch(ledger_id) is None:
        return None
    now = clock()
    key_id = await database.fetchval(
        load_sql("services/access/sql/redeem_link.sql"), ledger_id, hash_secret(secret), now, here
    )
    stored = None if key_id is None else await find_key(database, ledger_id, key_id)
    return stored.key if stored is not None and stored.key.holds_at(now) else None
