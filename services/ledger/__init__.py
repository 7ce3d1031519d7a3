"""The write path: orders come in, the clerk decides and appends them in batches, receipts go out."""
