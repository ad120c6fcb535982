"""Descriptions of interfaces: OpenRPC documents, made from the annotations of contracts."""
