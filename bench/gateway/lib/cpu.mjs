// Loaded into each gateway's process before its own modules: tells its CPU time, in microseconds, when it is asked.
if (process.send) {
  process.on('message', (message) => {
    if (message !== 'cpu') return;
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu: user + system });
  });
  // That it can be asked keeps no process alive.
  process.channel?.unref();
}
