"""One run as a job: the stages in order, and what happens around them."""
