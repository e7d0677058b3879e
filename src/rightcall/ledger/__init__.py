"""What happened, in a log that nobody can rewrite unseen: entries in a Merkle tree, signed checkpoints, receipts, and the witness. Nothing here knows of the office."""
