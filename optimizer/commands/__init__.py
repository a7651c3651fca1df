"""What the commands of `optimizer.cli` do. Each module is imported only when its command runs."""
