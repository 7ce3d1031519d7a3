-- The sizes of trees that nobody else is at; nobody is until the transaction ends. A statement of its own: what is read
-- next has to be no older than the size.
SELECT ledger_id, size FROM log_head WHERE ledger_id = ANY ($1::text[]) ORDER BY ledger_id FOR UPDATE SKIP LOCKED
