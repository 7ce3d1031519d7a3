DELETE FROM file_import_record
WHERE ledger_id = $1 AND import_id = $2 AND number = ANY ($3::integer[])
