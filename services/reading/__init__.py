"""The read side: every question is answered from one snapshot of the database, and says which position it holds for.

``async with open_snapshot(service, ledger) as snapshot`` opens one; the functions of the modules beside take it first::

    async with open_snapshot(service, "village") as snapshot:
        relationship = await read_relationship(snapshot, anna, ben)

A question about the past takes an ``Asked`` (``as_of``): a position, a time of recording, a time of occurring, or both.
Names and other words are opened here, at read; where a key is gone they read as ``None``. Lists come in keyset pages:
``next`` of an answer is the ``after`` of the page that follows.
"""
