"""What people do with bundles."""
