#!/bin/sh
# Starts the PostgreSQL replica. The first start copies the primary, whose host and port are in PGHOST and PGPORT.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  # The rest of a copy that was interrupted.
  find "$PGDATA" -mindepth 1 -delete
  pg_basebackup --dbname "host=$PGHOST port=${PGPORT:-5432} user=replication" \
    --pgdata "$PGDATA" --wal-method stream --write-recovery-conf --checkpoint fast
  chmod 0700 "$PGDATA"
fi
# The primary knows it by this name. A copy in progress must not have it: commits would wait for that instead of a replica.
# Commits wait until the replica is back: it asks a primary that has restarted each 500 ms, not each 5 s.
exec postgres -c cluster_name=replica -c wal_retrieve_retry_interval=500ms "$@"
