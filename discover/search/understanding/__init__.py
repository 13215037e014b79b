"""What a text asks for beside its meaning: values that the catalog holds, places, years, titles, what is not wanted."""
