-- Of these parties those that have a key: they are not erased in this database.
SELECT k.ledger_id, k.subject_id
FROM unnest($1::text[], $2::uuid[]) AS u (ledger_id, party_id)
JOIN data_key AS k ON k.ledger_id = u.ledger_id AND k.subject_id = u.party_id
GROUP BY k.ledger_id, k.subject_id
ORDER BY k.ledger_id, k.subject_id
