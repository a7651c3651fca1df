"""Files in, validated and immutable Instance out."""
