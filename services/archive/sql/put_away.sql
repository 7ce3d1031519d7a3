-- Leaves in each row of a stretch of a log where its bytes are now; services/archive/stub.py reads that. What parties
-- and the ledger are called, and its policy, stays in the table: however old it is, every page shows it.
-- As the tables' owner: nobody else may change an event's row, and the owner does nothing else to it.
UPDATE event SET state = '\x00'::bytea || convert_to(
    format(
        'archived {"file":"%s","position":%s%s}',
        $4::text,
        position,
        CASE WHEN position('"sealed":'::bytea IN state) > 0 THEN ',"sealed":true' END
    ),
    'UTF8'
)
WHERE ledger_id = $1 AND position BETWEEN $2 AND $3 AND topic NOT LIKE 'party.%' AND topic NOT LIKE 'ledger.%'
