"""Notices that prove themselves: a number, a signed code, a list of what became of each, the letter, and a page that checks offline.

Pure functions, needs the extra ``notice``. What is signed says nothing about the person; the paper works without a phone.
"""
