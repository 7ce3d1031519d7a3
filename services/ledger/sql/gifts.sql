-- The gifts taken between givers and receivers, each with what it counts now: the sum of its favour's postings.
SELECT g.ledger_id, g.giver, g.receiver, g.favour_id, g.occurred_at, g.unit, counts.quantity
FROM unnest($1::text[], $2::uuid[], $3::uuid[]) AS wanted (ledger_id, giver, receiver)
JOIN gift AS g
    ON g.ledger_id = wanted.ledger_id AND g.giver = wanted.giver AND g.receiver = wanted.receiver AND NOT g.refused
CROSS JOIN LATERAL (
    SELECT sum(e.quantity)::bigint AS quantity
    FROM event AS e
    WHERE e.ledger_id = g.ledger_id AND e.stream_id = g.favour_id
) AS counts
