// Loaded into each gateway's process before its own modules. Replies to the message `cpu` with the CPU time in microseconds.
if (process.send) {
  process.on('message', (message) => {
    if (message !== 'cpu') return;
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu: user + system });
  });
  // The open channel must not keep the process alive.
  process.channel?.unref();
}
