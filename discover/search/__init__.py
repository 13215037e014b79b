"""From a query to ranked items: spaces, fusion, evidence, filters."""
