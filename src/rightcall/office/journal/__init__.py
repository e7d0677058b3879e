"""The office's side of the ledger: each act is an event, written in the transaction of the act, and a leaf of the log's tree.

What an event says stays here; the log, which anyone may copy, holds only its kind, its time and a commitment to it.
"""
