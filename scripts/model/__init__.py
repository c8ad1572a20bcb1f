"""A small model of an order's life, checked in every state that it can reach."""
