"""Do: the steps of a plan, side by side where they may be."""
