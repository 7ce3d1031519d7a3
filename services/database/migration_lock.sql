-- Held until the transaction ends. It shuts out other migrators (and itself), not readers.
LOCK TABLE schema_migration IN SHARE ROW EXCLUSIVE MODE;
