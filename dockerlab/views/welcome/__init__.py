"""The start page in words and as a widget: where one is, a first container, the map.

words     all that it says
page      the panel at the top: ``Panel`` in words, ``LivePanel`` in the browser
roadmap   the chapters as cards with links, ``Roadmap``
"""
