"""Values as MessagePack."""
