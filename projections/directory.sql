INSERT INTO {table} AS p
SELECT r.* FROM {rows} AS r
ON CONFLICT (ledger_id, party_id) DO UPDATE SET
    position = excluded.position,
    named_in = excluded.named_in,
    interests_in = excluded.interests_in,
    knowledge_in = excluded.knowledge_in,
    findable = excluded.findable,
    reminded_in = excluded.reminded_in
