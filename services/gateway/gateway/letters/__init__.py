"""Letters to members: what they say, and how they leave without anybody waiting for them."""
