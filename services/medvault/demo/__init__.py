"""medvault in one process, with everything that it needs: `medvault demo`."""
