"""From the neighbour graph to themes at several levels."""
