"""What a step is known by, where that is kept, and what ``--cache-from`` adds."""
