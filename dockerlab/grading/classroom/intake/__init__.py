"""Taking submissions in: whose each is, and its files, out of what nobody has looked at yet.

Nothing here follows a link, trusts a name or a size, or reads more than it said it would.
"""
