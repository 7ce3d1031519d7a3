-- The memberships of a party ($2, all its ids) until a moment, in the order of joining; null: still a member.
SELECT m.organisation_id, m.position, m.occurred_at AS joined_at, m.left_at
FROM (
    SELECT c.*, lead(c.occurred_at) OVER (PARTITION BY c.party_id, c.organisation_id ORDER BY c.position) AS left_at
    FROM membership AS c
    WHERE c.ledger_id = $1 AND c.party_id = ANY ($2::uuid[]) AND c.organisation_id <> ALL ($2)
        AND c.position <= $3
        AND ($4::timestamptz IS NULL OR c.occurred_at <= $4)
) AS m
WHERE m.member AND m.position > $5
ORDER BY m.position
LIMIT $6
