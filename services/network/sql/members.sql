-- Who belongs to which organisation; an organisation belongs to itself. $2 how many at most
SELECT m.party_id, m.organisation_id
FROM (
    SELECT DISTINCT ON (m.party_id, m.organisation_id) m.party_id, m.organisation_id, m.member
    FROM membership AS m
    WHERE m.ledger_id = $1
    ORDER BY m.party_id, m.organisation_id, m.position DESC
) AS m
WHERE m.member
UNION ALL
SELECT p.party_id, p.party_id FROM party AS p WHERE p.ledger_id = $1 AND p.kind = 'organisation'
LIMIT $2
