"""Promises: asked for, offered, bargained over, made; then kept, partly kept, broken, reneged or released.

A conversation for action (Winograd & Flores 1986) between promisor and promisee, with an assessor where the ledger has
one; that a promise binds only who makes it is Burgess's (2005), that it is made, released, delegated and assigned is
Singh's (1999). ``table.py`` is the state machine: a line of it is one line of the design's promise table.
"""
