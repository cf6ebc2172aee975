"""A first `.meshlint.yaml`, from what stands in a tree. Nothing here prints."""
