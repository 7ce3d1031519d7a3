-- Who knows whom without anything having been given: they met, or an introduction was made. $2 how many pairs at most
SELECT pair.a, pair.b
FROM (
    SELECT e.giver AS a, e.receiver AS b
    FROM event AS e
    WHERE e.ledger_id = $1 AND e.topic IN ('contact.recorded', 'contact.retracted', 'contact.reinstated')
    GROUP BY e.stream_id, e.giver, e.receiver
    HAVING count(*) FILTER (WHERE e.topic = 'contact.retracted') <= count(*) FILTER (WHERE e.topic = 'contact.reinstated')
    UNION
    SELECT e.receiver, e.third
    FROM event AS e
    WHERE e.ledger_id = $1
        AND e.topic IN ('introduction.made', 'introduction.retracted', 'introduction.reinstated')
    GROUP BY e.stream_id, e.receiver, e.third
    HAVING bool_or(e.topic = 'introduction.made')
        AND count(*) FILTER (WHERE e.topic = 'introduction.retracted') <= count(*) FILTER (WHERE e.topic = 'introduction.reinstated')
) AS pair
LIMIT $2
