"""TOML specifications: their values with places, and typed fields with a diagnostic for each mistake."""
