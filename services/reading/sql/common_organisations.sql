-- The organisations that two parties ($2 and $3, all ids of either) are both members of now. $4 merged  $5 standing for
-- them
SELECT m.organisation_id
FROM (
    SELECT DISTINCT ON (c.party_id, c.organisation_id)
        root_of(c.organisation_id, $4::uuid[], $5::uuid[]) AS organisation_id,
        c.party_id = ANY ($2::uuid[]) AS of_first,
        c.member
    FROM membership AS c
    WHERE c.ledger_id = $1 AND c.party_id = ANY ($2 || $3::uuid[])
    ORDER BY c.party_id, c.organisation_id, c.position DESC
) AS m
WHERE m.member AND m.organisation_id <> ALL ($2 || $3)
GROUP BY m.organisation_id
HAVING bool_or(m.of_first) AND NOT bool_and(m.of_first)
ORDER BY m.organisation_id
