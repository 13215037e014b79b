"""From a theme's items to words for it, and how good the words are."""
