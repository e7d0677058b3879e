"""The office: the web application in which a call-up office works, an overseer watches, and a person sees what is held about him.

A Django project, server-rendered. Each room is an application: ``accounts`` (who may see and do what), ``campaigns`` (act, roll, screening, asking),
``notices`` (the gate, issuing, printing, public check), ``cases`` (what holds a call-up), ``person`` (what a person sees), ``journal`` (the ledger's
events), ``jobs`` (work from the database). Rules live in the rooms' nouns (``gate``, ``rolls``, ``issuing`` ...), never in views.
"""
