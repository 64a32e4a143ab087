"""For people who connect a contact centre: check a recorded message, sign a test message."""
