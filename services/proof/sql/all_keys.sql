-- The ledger's own key, under the nil UUID, and all parties'.
SELECT subject_id, wrapped FROM data_key WHERE ledger_id = $1 ORDER BY subject_id
