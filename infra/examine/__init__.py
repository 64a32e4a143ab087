"""What the doctor looks at, part by part: settings, service, carrier, records, and what AWS keeps of a deployed stage."""
