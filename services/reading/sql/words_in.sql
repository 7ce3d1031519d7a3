-- The event of each party that holds words of one kind: its name, its interests, what it knows about; with the party's key,
-- where it still has one.
SELECT p.party_id, e.state, k.wrapped
FROM unnest($2::uuid[]) AS wanted (party_id)
JOIN party AS p ON p.ledger_id = $1 AND p.party_id = wanted.party_id
JOIN event AS e ON e.ledger_id = $1 AND e.stream_id = p.party_id AND e.version = p.{version}
LEFT JOIN data_key AS k ON k.ledger_id = $1 AND k.subject_id = p.party_id
