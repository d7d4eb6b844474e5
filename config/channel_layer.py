"""The channel layer: channels_redis with a pool of connections that is waited for."""

from channels_redis.core import RedisChannelLayer
from redis.asyncio import BlockingConnectionPool


class ChannelLayer(RedisChannelLayer):
    """Where a thousand stations come or go at once, each waits its turn for one of a few connections to Redis.

    The library's own pool refuses the 101st command in flight, and a refused read closes a websocket.
    """

    def create_pool(self, index: int) -> BlockingConnectionPool:
        """A pool for the host of this index; a command waits up to 20 s for one of its 50 connections."""
        options = dict(self.hosts[index])
        return BlockingConnectionPool.from_url(options.pop("address"), **options)
