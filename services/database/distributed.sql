-- The tables that Citus distributes. To be asked only where there is Citus.
SELECT logicalrelid::regclass::text FROM pg_dist_partition
