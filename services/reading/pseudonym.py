"""What a party is called whose name cannot be read: the same in every answer, and telling no more than its id does.

That is so where it was erased, and where a ledger was restored from a bundle without its words.
"""

import hashlib
from uuid import UUID

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: without the letters that are taken for digits."""
LENGTH = 6
"""Of 30 bits: among 5,000 erased parties of a ledger, two are called the same in one ledger of a hundred."""


def pseudonym(ledger_id: str, party: UUID, *, erased: bool = True) -> str:
    """The name of an erased party, such as "erased party 7F3KQ2", from a keyless hash of ledger and id.

    It needs no key, since the party's is destroyed, and hides no more than the id beside it does. One that was not
    erased, and has no name that can be read, is "party 7F3KQ2".
    """
    place = ledger_id.encode() + b"\0" + party.bytes
    number = int.from_bytes(hashlib.blake2b(place, digest_size=8, person=b"requite erased").digest(), "big")
    return ("erased party " if erased else "party ") + "".join(SIGNS[number >> 5 * n & 31] for n in range(LENGTH))
