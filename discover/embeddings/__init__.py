"""From items to vectors: what is known is not encoded again."""
