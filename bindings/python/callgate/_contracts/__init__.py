"""Contracts: interfaces described by annotated classes, and the conversion of their values."""
