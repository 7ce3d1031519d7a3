INSERT INTO data_key (ledger_id, subject_id, wrapped) VALUES ($1, '00000000-0000-0000-0000-000000000000', $2)
ON CONFLICT (ledger_id, subject_id) DO NOTHING
