"""Checks what Requite proves, with Python alone: no network, no server, none of Requite, and short enough to be read.

    python check_proof.py audit.json KEY            # the answer of a promise audit, asked for with proof=true
    python check_proof.py village.requite KEY [OLD CHECKPOINT ...]      # a whole ledger, as 'requite export' wrote it

KEY is the log's public key, <name>+<id>+<base64>, from a source that you trust. What is checked:

1. The key signed the checkpoint (Ed25519, RFC 8032), so the log stands by this size and root of its tree.
2. The events lead up to that root, byte by byte (RFC 6962, section 2.1; RFC 9162, section 2.1.3.2): of an audit those
   behind its lines, each at its position; of a bundle all of them, in their order.
3. Of an audit: every position that a line names is proven, or is said not to be in the tree yet. Of a bundle: the first
   events lead up to the root of every older checkpoint, so nothing of them was changed since.

What is said of the events is to be compared with them: they are JSON, with people's own words sealed in them.
"""

import base64
import hashlib
import json
import pathlib
import sys
import zipfile

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int]


def sha256(data: bytes) -> bytes:
    """32 bytes."""
    return hashlib.sha256(data).digest()


def climb(event: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """The root that leads up from event ``index`` (from 0) of ``size``; ``None`` where the path does not fit."""
    found, place, last = sha256(b"\0" + event), index, size - 1
    for beside in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            found = sha256(b"\1" + beside + found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = sha256(b"\1" + found + beside)
        place, last = place >> 1, last >> 1
    return found if last == 0 else None


def root_of(hashes: list[bytes]) -> bytes:
    """The root of a tree, from the hashes of all its leaves."""
    if not hashes:
        return sha256(b"")
    while len(hashes) > 1:  # the last of an odd number moves up as it is
        pairs = [sha256(b"\1" + hashes[n] + hashes[n + 1]) for n in range(0, len(hashes) - 1, 2)]
        hashes = pairs + hashes[2 * len(pairs) :]
    return hashes[0]


def add(one: Point, other: Point) -> Point:
    """The sum of two points of Edwards25519."""
    (x, y), (u, v) = one, other
    k = D * x * u * y * v
    return (x * v + u * y) * pow(1 + k, -1, P) % P, (y * v + x * u) * pow(1 - k, -1, P) % P


def times(number: int, point: Point) -> Point:
    """A point added to itself so many times."""
    total = (0, 1)
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


def point_of(data: bytes) -> Point:
    """The point that 32 bytes stand for. Raises ``ValueError``."""
    number = int.from_bytes(data, "little")
    y, odd = number & (2**255 - 1), number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != square:
        raise ValueError("this is no point")
    return (x if x & 1 == odd else -x % P), y


def is_signed(public: bytes, signature: bytes, text: bytes) -> bool:
    """Whether 64 bytes are the signature of a text by a public key."""
    base = point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
    s = int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little")
    return s < ORDER and times(s, base) == add(point_of(signature[:32]), times(h % ORDER, point_of(public)))


def read_checkpoint(note: str, key: str) -> tuple[int, bytes]:
    """The size and root that a key signed. Raises ``ValueError``."""
    name, _, rest = key.partition("+")
    key_id, _, encoded = rest.partition("+")
    public = base64.b64decode(encoded, validate=True)[1:]
    text, _, signatures = note.rpartition("\n\n")
    origin, size, root = text.split("\n")
    for line in signatures.splitlines():
        signer, _, data = line.removeprefix("\u2014 ").rpartition(" ")
        signature = base64.b64decode(data, validate=True)
        if (signer, signature[:4].hex()) == (name, key_id) and origin == name:
            if is_signed(public, signature[4:], f"{text}\n".encode()):
                return int(size), base64.b64decode(root, validate=True)
            raise ValueError("the checkpoint's signature is wrong")
    raise ValueError("the checkpoint is not signed by this key")


def check_audit(answer: dict, key: str) -> str:  # type: ignore[type-arg]
    """What an audit proves, in a sentence. Raises ``ValueError`` for what is not proven."""
    proof = answer["proof"]
    size, root = read_checkpoint(proof["checkpoint"], key)
    proven = set()
    for one in proof["events"]:
        position, path = one["position"], [base64.b64decode(text) for text in one["hashes"]]
        if one["event"] is None or climb(one["event"].encode(), position - 1, size, path) != root:
            raise ValueError(f"the event at position {position} is not the one in the log")
        proven.add(position)
    wanted = {position for line in answer["lines"] for position in line["positions"]}
    if missing := wanted - proven - {one for one in proof["not_yet_proven"] if one > size}:
        raise ValueError(f"there is no proof of position {min(missing)}")
    later = len(wanted - proven)
    return f"{len(proven)} events are in the log of {size}; {later} came after the checkpoint."


def check_bundle(file: pathlib.Path, key: str, old: list[str]) -> str:
    """What a bundle proves, in a sentence. Raises ``ValueError`` for what is not proven."""
    with zipfile.ZipFile(file) as archive:
        size, root = read_checkpoint(archive.read("checkpoint").decode(), key)
        hashes = [sha256(b"\0" + event) for event in archive.read("events.ndjson").split(b"\n")[:-1]]
    if (len(hashes), root_of(hashes)) != (size, root):
        raise ValueError(f"the {len(hashes)} events are not the {size} that were signed")
    said = f"The {size} events are those that were signed."
    for note in old:
        was, root = read_checkpoint(note, key)
        if was > size or root_of(hashes[:was]) != root:
            raise ValueError(f"the log's first {was} events are not those of the older checkpoint")
        said += f" Nothing of the first {was} was changed since the older checkpoint."
    return said


def check(path: str, key: str, *old: str) -> str:
    """What a file proves, in a sentence. Raises ``ValueError`` for what is not proven."""
    file = pathlib.Path(path)
    if zipfile.is_zipfile(file):
        return check_bundle(file, key, [pathlib.Path(one).read_text(encoding="utf-8") for one in old])
    return check_audit(json.loads(file.read_bytes()), key)


if __name__ == "__main__":
    try:
        print(check(*sys.argv[1:]))
    except (ValueError, KeyError, TypeError, OSError, zipfile.BadZipFile) as error:
        sys.exit(f"Not proven: {error}")
