"""From the text of files to trees of mappings, lists and values that know their lines."""
