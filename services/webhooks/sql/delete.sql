WITH gone AS (
    DELETE FROM webhook WHERE ledger_id = $1 AND webhook_id = $2 RETURNING ledger_id, webhook_id
), attempts AS (
    DELETE FROM webhook_attempt WHERE ledger_id = $1 AND webhook_id = $2
), deliveries AS (
    DELETE FROM webhook_delivery WHERE ledger_id = $1 AND webhook_id = $2
), replays AS (
    DELETE FROM webhook_replay WHERE ledger_id = $1 AND webhook_id = $2
)
SELECT webhook_id FROM gone
