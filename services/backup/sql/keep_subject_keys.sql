-- Keys of parties that this database knows, and of its ledgers: those of a later time may be among them.
INSERT INTO data_key (ledger_id, subject_id, wrapped)
SELECT u.ledger_id, u.subject_id, u.wrapped
FROM unnest($1::text[], $2::uuid[], $3::bytea[]) AS u (ledger_id, subject_id, wrapped)
WHERE EXISTS (SELECT FROM ledger_head AS h WHERE h.ledger_id = u.ledger_id)
  AND (
    u.subject_id = '00000000-0000-0000-0000-000000000000'
    OR EXISTS (SELECT FROM party AS p WHERE p.ledger_id = u.ledger_id AND p.party_id = u.subject_id)
  )
