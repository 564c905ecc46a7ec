"""The application: a vault for medical reports that lives in WhatsApp."""

from importlib.metadata import version

__version__ = version("medvault")
