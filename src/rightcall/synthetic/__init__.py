"""A synthetic country: a call-up roll, the registers that speak of its people with the faults registers have, and the truth.

Nobody in it is real. It exists to measure, end to end, how many wrong call-ups are stopped before a notice goes out.
"""
