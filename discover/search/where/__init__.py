"""Filters by SQL expressions: `filters` applies one, `parse` and `translate` make it safe by what `grammar` lists."""
