"""Error texts that people see, and what leads from them to rules: `policies/symptoms/`."""
