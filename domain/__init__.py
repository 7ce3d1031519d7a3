"""What may happen in a ledger: pure rules, no I/O, no clock, no chance.

One file per stream type (``ledger``, ``party``, ``favour``, ``introduction``, ``promise``). Each holds all that
affects its state machine: events, commands, state, ``decide`` and ``evolve``. ``catalogue`` lists them.
"""
