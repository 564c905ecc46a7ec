"""The application: a vault for medical reports that lives in WhatsApp."""
