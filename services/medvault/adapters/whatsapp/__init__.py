"""WhatsApp Business Cloud API: reading its webhooks, sending messages, moving files."""
