"""The start page: ``dockerlab.welcome()``.

language   the one that was chosen, kept from one day to the next
here       which engine is in use, of which kind, and what it cannot do
visits     which chapters were opened
journey    how far one has come, chapter by chapter
firstrun   a container at the press of a button
page       all of it on the page, and what its buttons do
"""
