"""Who may see and do what: units as a tree, accounts, and grants of a role over a unit for a period, given by two persons."""
