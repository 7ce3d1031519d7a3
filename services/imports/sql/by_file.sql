SELECT i.import_id FROM file_import AS i
WHERE i.ledger_id = $1 AND i.file = $2 AND i.state IN ('running', 'done')
