-- The organisations that the promisor was a member of when the promise was made, as far as that was known. What was said
-- last of those moments holds: a row does from its moment until the earliest of those recorded after it.
    LEFT JOIN (
        SELECT m.promise_id, array_agg(DISTINCT m.organisation) AS organisations
        FROM (
            SELECT f.promise_id, root_of(s.organisation_id, $15, $16) AS organisation
            FROM found AS f
            JOIN (
                SELECT
                    root_of(c.party_id, $15, $16) AS party,
                    c.organisation_id,
                    c.member,
                    c.occurred_at AS since,
                    min(c.occurred_at) OVER later AS until
                FROM membership AS c
                WHERE c.ledger_id = $1 AND c.position <= $2
                WINDOW later AS (
                    PARTITION BY c.party_id, c.organisation_id ORDER BY c.position
                    ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
                )
            ) AS s ON s.party = root_of(f.promisor, $15, $16) AND s.member
                AND s.since <= coalesce(f.made_at, f.begun_at)
                AND coalesce(s.until > coalesce(f.made_at, f.begun_at), true)
        ) AS m
        GROUP BY m.promise_id
    ) AS then_of ON then_of.promise_id = p.promise_id
