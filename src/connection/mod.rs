//! One established conversation.
