"""Favours: what one party did for another, among it gifts on the ledger's register.

``events`` and ``commands`` are what is said, ``state`` how a favour stands after its events, ``decide`` the rules.
"""
