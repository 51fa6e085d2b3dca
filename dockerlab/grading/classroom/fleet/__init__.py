"""Who grades a class: hands (a process each), all of them on this machine, or on a cluster's."""
