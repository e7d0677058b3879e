"""Work from the database: asked for in the transaction that makes it needed, done by a worker that may be killed at any moment.

No broker: an office backs up one thing. A job is leased to a worker for some seconds at a time; whose lease has run out is taken by another. So every
kind of work must be able to begin again: it looks at what is done, and does the rest.
"""
