"""What claims look by: facts of one thing, a container of their own, a quotation."""
