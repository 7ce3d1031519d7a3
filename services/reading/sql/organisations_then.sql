-- The organisations that the promisor was a member of when the promise was made, as far as that was known.
    CROSS JOIN LATERAL (
        SELECT array_agg(DISTINCT root_of(m.organisation_id, $15, $16)) AS organisations
        FROM (
            SELECT DISTINCT ON (c.party_id, c.organisation_id) c.organisation_id, c.member
            FROM membership AS c
            WHERE c.ledger_id = $1 AND c.party_id = ANY (ids_of(p.promisor, $15, $16))
                AND c.position <= $2 AND c.occurred_at <= coalesce(p.made_at, p.begun_at)
            ORDER BY c.party_id, c.organisation_id, c.position DESC
        ) AS m
        WHERE m.member
    ) AS then_of
