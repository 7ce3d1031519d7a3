-- To which organisation each of some parties ($2) belongs now; of several, the one joined last.
SELECT DISTINCT ON (m.party_id) m.party_id, m.organisation_id
FROM (
    SELECT DISTINCT ON (h.party_id, h.organisation_id) h.party_id, h.organisation_id, h.member, h.position
    FROM membership AS h
    WHERE h.ledger_id = $1 AND h.party_id = ANY ($2::uuid[])
    ORDER BY h.party_id, h.organisation_id, h.position DESC
) AS m
WHERE m.member
ORDER BY m.party_id, m.position DESC
