"""Cases: what holds a call-up until it is decided, and what a person wants put right."""
