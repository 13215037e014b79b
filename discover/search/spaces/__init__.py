"""What items can be compared by: the vectors of encoders, the words they are described with, the facts about them."""
