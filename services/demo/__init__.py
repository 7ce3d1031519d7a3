"""A demo community: an invented valley whose people and surgery keep a ledger, told as the commands they would send.

``fill_demo`` records it once. The prose lies in ``people``, ``introductions`` and ``promises``; ``story`` turns it into
commands that depend on nothing but the moment at which the ledger was opened.
"""
