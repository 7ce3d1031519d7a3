"""Who may do what: access keys bound to one ledger, and sign-in links that are good for one use."""
