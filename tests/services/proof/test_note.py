"""Signed notes, checkpoints, keys and cosignatures."""

import pytest

from services.proof.notary import Notary
from services.proof.note import (
    COSIGNATURE,
    Checkpoint,
    Note,
    NoteError,
    SignerKey,
    read_checkpoint,
    read_key,
    read_note,
    require_signed,
    signed_by,
)

SEED, OTHER = bytes(range(32)), bytes(range(1, 33))
SIGNER = SignerKey("example.org/village", SEED)
TEXT = str(Checkpoint("example.org/village", 7, bytes(32)))
ROOT = TEXT.splitlines()[2]
NOTE = Note(TEXT, (SIGNER.sign(TEXT),))
WITNESS = SignerKey("witness.example", OTHER, COSIGNATURE)


def test_a_note_reads_back() -> None:
    assert read_note(str(NOTE)) == NOTE
    assert str(NOTE).startswith("example.org/village\n7\nAAAA")
    assert require_signed(read_note(str(NOTE)), [SIGNER.verifier]) == Checkpoint("example.org/village", 7, bytes(32))


def test_a_key_reads_back() -> None:
    for signer in (SIGNER, WITNESS):
        assert read_key(str(signer.verifier)) == signer.verifier
    # the public key of RFC 8032's first test, as Go's sumdb writes keys: name, id, kind and key
    key = read_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    assert (key.name, key.key_id.hex(), key.kind) == ("PeterNeumann", "c74f20a3", 1)


@pytest.mark.parametrize(
    "line",
    ["", "name", "name+00000000+", str(SIGNER.verifier)[:-4], str(SIGNER.verifier).replace("village", "city")],
)
def test_what_is_no_key_is_not_read(line: str) -> None:
    with pytest.raises(NoteError):
        read_key(line)


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT,
        f"{TEXT}\n",
        f"{TEXT}\nno signature\n",
        f"{TEXT}\n\N{EM DASH} name AAAA\n",
        f"{TEXT}\n\N{EM DASH} name =====\n",
        str(NOTE)[:-1],
        "x" * 70_000,
    ],
)
def test_what_is_no_note_is_not_read(text: str) -> None:
    with pytest.raises(NoteError):
        read_note(text)


@pytest.mark.parametrize(
    "text",
    ["a\n7\n", f"a\n07\n{TEXT.splitlines()[2]}\n", f"\n7\n{TEXT.splitlines()[2]}\n", "a\n7\nAAAA\n", "a\n-1\nAAAA\n"],
)
def test_what_is_no_checkpoint_is_not_taken_for_one(text: str) -> None:
    with pytest.raises(NoteError, match="no checkpoint"):
        read_checkpoint(Note(text, ()))


def test_a_changed_text_is_told_from_a_key_that_is_not_trusted() -> None:
    changed = Note(TEXT.replace("7", "8"), NOTE.signatures)
    with pytest.raises(NoteError, match="not the one that was signed"):
        require_signed(changed, [SIGNER.verifier])
    with pytest.raises(NoteError, match="not signed by a key that is trusted"):
        require_signed(NOTE, [SignerKey("example.org/village", OTHER).verifier])
    with pytest.raises(NoteError, match="not signed by a key that is trusted"):
        require_signed(Note(TEXT, (WITNESS.sign(TEXT, 1),)), [WITNESS.verifier])


def test_a_witness_cosigns_with_the_time() -> None:
    note = Note(TEXT, (*NOTE.signatures, WITNESS.sign(TEXT, 1_700_000_000)))
    assert signed_by(note, [SIGNER.verifier, WITNESS.verifier]) == [SIGNER.verifier, WITNESS.verifier]
    one = note.signatures[1]
    later = Note(TEXT, (one._replace(data=(1).to_bytes(8, "big") + one.data[8:]),))
    with pytest.raises(NoteError, match=r"witness\.example"):
        signed_by(later, [WITNESS.verifier])


def test_keys_overlap_while_they_are_changed() -> None:
    before, both, after = Notary([SEED], "a.org"), Notary([OTHER, SEED], "a.org"), Notary([OTHER], "a.org")
    note = both.sign("village", 3, bytes(32))
    for notary in (before, both, after):
        assert require_signed(note, notary.keys("village")).origin == "a.org/village"
    with pytest.raises(NoteError):
        require_signed(before.sign("village", 3, bytes(32)), after.keys("village"))
    assert both.sign("village", 3, bytes(32)) == note
