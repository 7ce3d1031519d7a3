"""Webhooks: telling other services of a ledger's events, by the rules of Standard Webhooks (standardwebhooks.com)."""
