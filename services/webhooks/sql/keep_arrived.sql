DELETE FROM webhook_delivery AS d
WHERE d.ledger_id = $1 AND d.webhook_id = $2 AND d.position = ANY ($3::bigint[])
