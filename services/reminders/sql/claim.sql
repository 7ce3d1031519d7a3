-- Claims the day's digests of a ledger that nobody has begun, or whose claim ran out. Of two who come at once, one finds
-- the other's claim. $1 ledger  $2 day  $3 now  $4 claimed until  $5 how many  $6 attempts at most
INSERT INTO digest AS d (ledger_id, party_id, day, attempts, claimed_until)
SELECT p.ledger_id, p.party_id, $2, 1, $4
FROM party AS p
LEFT JOIN digest AS e ON e.ledger_id = p.ledger_id AND e.party_id = p.party_id
WHERE p.ledger_id = $1 AND p.reminded_in IS NOT NULL
    AND (e.day IS NULL OR e.day < $2 OR (e.day = $2 AND e.claimed_until <= $3 AND e.attempts < $6))
ORDER BY p.party_id
LIMIT $5
ON CONFLICT (ledger_id, party_id) DO UPDATE SET
    day = excluded.day,
    attempts = CASE WHEN d.day = excluded.day THEN d.attempts + 1 ELSE 1 END,
    claimed_until = excluded.claimed_until
WHERE d.day < excluded.day OR (d.day = excluded.day AND d.claimed_until <= $3 AND d.attempts < $6)
RETURNING d.party_id
