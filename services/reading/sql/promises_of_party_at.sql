    -- The same as they stood at a moment: the last transition of each until then.
    SELECT DISTINCT ON (p.promise_id) p.* FROM promise_transition AS p
    WHERE p.ledger_id = $1 AND p.position <= $2
        AND ($3::timestamptz IS NULL OR p.occurred_at <= $3)
        AND p.promise_id IN (
            SELECT t.promise_id FROM promise_transition AS t
            WHERE t.ledger_id = $1
                AND (t.promisor = ANY ($4::uuid[]) OR t.promisee = ANY ($4::uuid[]) OR t.newcomer = ANY ($4::uuid[]))
        )
    ORDER BY p.promise_id, p.position DESC
