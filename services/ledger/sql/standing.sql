-- Of each party: whether a stream other than its own names it whose last event is no retraction.
SELECT wanted.ledger_id, wanted.party_id, EXISTS (
    SELECT FROM (
        SELECT e.stream_id FROM event AS e
        WHERE e.ledger_id = wanted.ledger_id AND e.giver = wanted.party_id AND e.receiver IS NOT NULL
        UNION
        SELECT e.stream_id FROM event AS e
        WHERE e.ledger_id = wanted.ledger_id AND e.receiver = wanted.party_id
        UNION
        SELECT e.stream_id FROM event AS e
        WHERE e.ledger_id = wanted.ledger_id AND e.third = wanted.party_id
        UNION
        SELECT p.promise_id FROM promise AS p
        WHERE p.ledger_id = wanted.ledger_id AND p.assessor = wanted.party_id
    ) AS named
    WHERE named.stream_id <> wanted.party_id AND (
        SELECT last.topic FROM event AS last
        WHERE last.ledger_id = wanted.ledger_id AND last.stream_id = named.stream_id
        ORDER BY last.version DESC LIMIT 1
    ) NOT LIKE '%.retracted'
) AS stands
FROM unnest($1::text[], $2::uuid[]) AS wanted (ledger_id, party_id)
