"""What the doctor looks at: settings, service, carrier, number, records, and what AWS keeps of a deployed stage."""
