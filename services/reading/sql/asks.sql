-- What waits for a party's answer in promises as they stand at a moment. $4 the party's ids  $5 limit
WITH found AS (
{promises}
), asked AS (
    SELECT f.*, a.kind, a.asked_by
    FROM found AS f
    CROSS JOIN LATERAL (
        VALUES
            ('request', f.promisee, f.promisor, f.status = 'requested'),
            ('offer', f.promisor, f.promisee, f.status = 'offered'),
            ('counter', f.promisor, f.promisee, f.status = 'countered'),
            ('report', f.promisor, f.promisee, f.status = 'reported'),
            ('terms', f.terms_from, CASE f.terms_from WHEN f.promisor THEN f.promisee ELSE f.promisor END,
                f.status = 'promised' AND f.terms_from IS NOT NULL),
            ('date', f.promisee, f.promisor, f.status = 'promised' AND f.date_asked_at IS NOT NULL),
            ('handover', f.promisor, f.newcomer, f.status = 'promised' AND f.newcomer IS NOT NULL),
            ('dispute', f.disputed_by, CASE f.disputed_by WHEN f.promisor THEN f.promisee ELSE f.promisor END,
                f.status = 'disputed' AND f.disputed_by IS NOT NULL)
    ) AS a (kind, asked_by, asked, holds)
    WHERE NOT f.retracted AND a.holds AND a.asked = ANY ($4::uuid[])
)
SELECT a.promise_id, a.kind, a.asked_by, a.occurred_at, e.state
FROM asked AS a
JOIN event AS e ON e.ledger_id = $1 AND e.stream_id = a.promise_id AND e.version = a.worded_in
ORDER BY a.occurred_at, a.promise_id, a.kind
LIMIT $5
