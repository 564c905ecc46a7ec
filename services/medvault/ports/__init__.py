"""What the application needs of the world. Adapters fulfil it; nothing here does anything."""

from medvault.ports.broker import InboxWriter, Queue, Spillway, Waker
from medvault.ports.cache import Bucket, CachedSession, RateLimiter, SessionCache
from medvault.ports.channel import Channel, Download, InboundReader, MediaSource, Message
from medvault.ports.clock import Check, Clock, Zones
from medvault.ports.files import (
    Converted,
    Disarmed,
    Examiner,
    Keep,
    MayTakeLong,
    ObjectStore,
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
    "Converted",
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
    "Scanner",
    "Sealer",
    "SessionCache",
    "Spillway",
    "Waker",
    "Zones",
    "always",
]
