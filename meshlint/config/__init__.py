"""`.meshlint.yaml`: what users declare of clusters that no scanned file shows."""
