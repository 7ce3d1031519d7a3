-- A party's open promises that are due by a moment, the earliest first. $4 the party's ids  $5 limit  $6 due by  $7 the ledger's window
-- A date that was asked for, and not named, is the end of the window in which an answer is waited for.
WITH found AS (
{promises}
)
SELECT f.promise_id, f.promisee, f.due_by, e.state
FROM (SELECT g.*, coalesce(g.due, g.date_asked_at + $7::interval) AS due_by FROM found AS g) AS f
JOIN event AS e ON e.ledger_id = $1 AND e.stream_id = f.promise_id AND e.version = f.worded_in
WHERE f.promisor = ANY ($4::uuid[]) AND f.status = 'promised' AND NOT f.retracted AND f.due_by <= $6
ORDER BY f.due_by, f.promise_id
LIMIT $5
