"""One process of the operator: who leads, what asks for vaults, who looks at them."""
