-- What was given either way between pairs of a ledger's parties, by now; how many of a pair's parties are known; and, with
-- the first of them, the policy in force. One statement, hence of one position.
SELECT
    h.position,
    h.recorded_at,
    EXISTS (SELECT FROM party_alias AS a WHERE a.ledger_id = $1) AS has_merges,
    CASE WHEN wanted.n = 1 THEN latest.state END AS policy,
    (
        SELECT count(*) FROM party AS p WHERE p.ledger_id = h.ledger_id AND p.party_id IN (wanted.a, wanted.b)
    ) AS known,
    ARRAY(
        SELECT (b.giver = wanted.a, b.unit, b.kind, b.quantity, b.count, b.disputed, b.disputed_count, b.last_at)
        FROM (VALUES (wanted.a, wanted.b), (wanted.b, wanted.a)) AS way (giver, receiver)
        JOIN balance AS b ON b.ledger_id = h.ledger_id AND b.giver = way.giver AND b.receiver = way.receiver
        ORDER BY b.giver, b.receiver, b.unit, b.kind
    ) AS balances
FROM ledger_head AS h
CROSS JOIN LATERAL (
    SELECT e.state
    FROM event AS e
    WHERE e.ledger_id = h.ledger_id AND e.stream_id = $2
    ORDER BY e.version DESC
    LIMIT 1
) AS latest
CROSS JOIN unnest($3::uuid[], $4::uuid[]) WITH ORDINALITY AS wanted (a, b, n)
WHERE h.ledger_id = $1
ORDER BY wanted.n
