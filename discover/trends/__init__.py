"""How themes move over time, and what is beyond chance."""
