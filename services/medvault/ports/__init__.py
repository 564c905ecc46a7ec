"""What the application needs of the world. Adapters fulfil it; nothing here does anything."""

from medvault.ports.broker import InboxWriter, Queue, Spillway, Waker
from medvault.ports.cache import Bucket, CachedSession, RateLimiter, SessionCache
from medvault.ports.channel import Channel, Download, InboundReader, MediaSource, Message
from medvault.ports.clock import Check, Clock
from medvault.ports.files import Examiner, ObjectStore, Returned, Scanner
from medvault.ports.sealing import BlindIndex, FileSealer, OneWaySealer, Sealer

__all__ = [
    "BlindIndex",
    "Bucket",
    "CachedSession",
    "Channel",
    "Check",
    "Clock",
    "Download",
    "Examiner",
    "FileSealer",
    "InboundReader",
    "InboxWriter",
    "MediaSource",
    "Message",
    "ObjectStore",
    "OneWaySealer",
    "Queue",
    "RateLimiter",
    "Returned",
    "Scanner",
    "Sealer",
    "SessionCache",
    "Spillway",
    "Waker",
]
