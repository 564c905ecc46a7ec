"""The application's needs of the world. Adapters fulfil them; nothing here does anything."""

from medvault.ports.broker import InboxWriter, Queue, Spillway, Waker
from medvault.ports.cache import Bucket, CachedSession, RateLimiter, SessionCache
from medvault.ports.channel import Channel, Download, InboundReader, MediaSource, Message
from medvault.ports.clock import Check, Clock, Zones
from medvault.ports.files import (
    Disarmed,
    Examiner,
    Keep,
    MayTakeLong,
    ObjectStore,
    Returned,
    Scanner,
    always,
)
from medvault.ports.sealing import BlindIndex, FileSealer, OneWaySealer, Sealer

__all__ = [
    "BlindIndex",
    "Bucket",
    "CachedSession",
    "Channel",
    "Check",
    "Clock",
    "Disarmed",
    "Download",
    "Examiner",
    "FileSealer",
    "InboundReader",
    "InboxWriter",
    "Keep",
    "MayTakeLong",
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
    "Zones",
    "always",
]
