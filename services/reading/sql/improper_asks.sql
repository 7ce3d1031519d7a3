-- How many of the requests in promises were declined as improper: the last thing before the no was a request.
SELECT count(*) AS declined
FROM standing AS s
WHERE s.standing = 'declined' AND s.declined = 'improper'
    AND (
        SELECT t.status
        FROM promise_transition AS t
        WHERE t.ledger_id = $1 AND t.promise_id = s.promise_id AND t.position < s.position AND t.status <> 'declined'
        ORDER BY t.position DESC
        LIMIT 1
    ) = 'requested'
