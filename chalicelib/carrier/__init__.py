"""The carrier: one small port (send, call, look up, verify, and what comes in), Twilio its first adapter."""
