-- RFC 6962's leaf hashes of the events after $2, $3 of them at most, made where the bytes are; and the tiles that they
-- go on from: of a tree of $2 events the last one of each level, as far as it is not full.
-- stubs: how many of them were put away, of which the bytes are not here; none, since only what is in the tree is.
SELECT leaf.count, leaf.last, leaf.hashes, leaf.stubs, edge.levels, edge.tiles
FROM (
    SELECT count(*) AS count, max(h.position) AS last, coalesce(string_agg(h.hash, ''::bytea ORDER BY h.position), '') AS hashes,
        count(*) FILTER (WHERE h.is_stub) AS stubs
    FROM (
        SELECT e.position, sha256('\x00'::bytea || e.state) AS hash, substr(e.state, 1, 10) = '\x00617263686976656420'::bytea AS is_stub
        FROM event AS e
        WHERE e.ledger_id = $1 AND e.position > $2 AND e.position <= $2 + $3
    ) AS h
) AS leaf
CROSS JOIN (
    SELECT coalesce(array_agg(t.level), '{}') AS levels, coalesce(array_agg(t.hashes), '{}') AS tiles
    FROM generate_series(0, 7) AS l (level)
    JOIN log_tile AS t ON t.ledger_id = $1 AND t.level = l.level AND t.index = $2::bigint >> (8 * l.level + 8)
    WHERE ($2::bigint >> (8 * l.level)) % 256 > 0
) AS edge
