"""The containers' network as the kernel has it: bridges, cards, rules, and who keeps them."""
