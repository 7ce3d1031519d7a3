-- A page of the members of an organisation ($2, all its ids) at a moment, by those that stand for them. $5 after
-- $6 limit  $7 merged  $8 standing for them
SELECT DISTINCT root_of(m.party_id, $7::uuid[], $8::uuid[]) AS party_id
FROM (
    SELECT DISTINCT ON (c.party_id, c.organisation_id) c.party_id, c.member
    FROM membership AS c
    WHERE c.ledger_id = $1 AND c.organisation_id = ANY ($2::uuid[]) AND c.party_id <> ALL ($2)
        AND c.position <= $3
        AND ($4::timestamptz IS NULL OR c.occurred_at <= $4)
    ORDER BY c.party_id, c.organisation_id, c.position DESC
) AS m
WHERE m.member AND root_of(m.party_id, $7, $8) > $5
ORDER BY party_id
LIMIT $6
