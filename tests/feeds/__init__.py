"""The feeds run: servers are killed and started again while they are written to; every reader must have heard all."""
