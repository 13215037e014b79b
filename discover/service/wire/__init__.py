"""What travels: the engine's answers as JSON, with types and examples for OpenAPI; one file a subject."""
