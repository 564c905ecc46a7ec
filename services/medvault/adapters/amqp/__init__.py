"""RabbitMQ, 3.10 to 4.x: its queues, and publishing to them on an event loop."""
