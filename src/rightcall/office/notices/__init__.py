"""Notices that prove themselves: the gate before them, issuing, printing, serving, revoking; and the public's check and reports."""
