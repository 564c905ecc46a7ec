"""One process of the operator: leading, asking for vaults, and looking at them."""
