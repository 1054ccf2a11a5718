#!/bin/sh
# Starts a Sentinel that watches the Redis master. It writes its configuration itself while it runs; the file is lost with the container.
set -eu
umask 077
cat > /tmp/sentinel.conf <<END
port 26379
dir /tmp
requirepass $REDISCLI_AUTH
sentinel sentinel-pass $REDISCLI_AUTH
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
sentinel announce-ip $HOSTNAME
sentinel monitor mymaster redis 6379 2
sentinel auth-pass mymaster $REDISCLI_AUTH
sentinel down-after-milliseconds mymaster 3000
sentinel failover-timeout mymaster 10000
END
exec redis-sentinel /tmp/sentinel.conf
