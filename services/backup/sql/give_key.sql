INSERT INTO data_key (ledger_id, subject_id, wrapped) VALUES ($1, $2, $3)
