"""Proofs that nothing in a ledger was changed: a Merkle tree over its events' bytes, and checkpoints that sign it."""
