-- Citus' own answer.
SELECT get_shard_id_for_distribution_column('ledger_head', $1::text)
