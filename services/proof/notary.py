"""The notary signs checkpoints in the service's name: every key it holds signs, so that keys may overlap."""

from collections.abc import Sequence

from services.ledger.keyring import MasterKey
from services.proof.note import Checkpoint, Note, SignerKey, VerifierKey
from services.settings import NAME, Settings


class Notary:
    """Signs for the ledgers of one service; the first of its ``seeds`` (32 bytes each) is the one in use.

    ``witnesses`` are the keys whose cosignatures it keeps.
    """

    def __init__(self, seeds: Sequence[bytes], name: str = NAME, witnesses: Sequence[VerifierKey] = ()) -> None:
        self.name = name
        self._seeds = tuple(seeds)
        self.witnesses = tuple(witnesses)

    def origin(self, ledger_id: str) -> str:
        """What the ledger's log is called wherever its checkpoints are seen."""
        return f"{self.name}/{ledger_id}"

    def keys(self, ledger_id: str) -> list[VerifierKey]:
        """The keys to check a ledger's checkpoints with."""
        return [signer.verifier for signer in self._signers(ledger_id)]

    def sign(self, ledger_id: str, size: int, root: bytes) -> Note:
        """The signed checkpoint of a ledger's tree. The same tree gives the same note, whenever it is signed."""
        text = str(Checkpoint(self.origin(ledger_id), size, root))
        return Note(text, tuple(signer.sign(text) for signer in self._signers(ledger_id)))

    @classmethod
    def of(cls, settings: Settings, master_key: bytes) -> "Notary":
        """The notary of the settings: with their keys, or else with one that follows from the master key."""
        seeds = settings.signing_keys or (MasterKey(master_key).derive("checkpoints"),)
        return cls(seeds, settings.name, settings.witnesses)

    def _signers(self, ledger_id: str) -> list[SignerKey]:
        return [SignerKey(self.origin(ledger_id), seed) for seed in self._seeds]
