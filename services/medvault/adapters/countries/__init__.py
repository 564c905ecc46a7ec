"""What is known of countries."""
