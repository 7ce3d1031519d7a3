"""Forms: one for every command of the domain, made from what the command takes, and read back into it."""
