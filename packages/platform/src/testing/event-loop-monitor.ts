/** What a process did while it was monitored. */
export interface EventLoopMeasurement {
  /** CPU time of the process, in ms. */
  readonly cpuMs: number;
  /**
   * The longest CPU time for which a timer that was due had to wait, in ms: the delay of the event loop. Unlike a delay by
   * the wall clock, it does not include the work of other processes.
   */
  readonly longestTurnMs: number;
}

/** Measures the CPU time of this process and the delay of its event loop. @returns a function that ends the measurement */
export function startEventLoopMonitor(): () => EventLoopMeasurement {
  const start = process.cpuUsage();
  let previousMs = 0;
  let longestTurnMs = 0;
  const readCpuMs = () => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1_000;
  };
  const measureTurn = () => {
    const cpuMs = readCpuMs();
    longestTurnMs = Math.max(longestTurnMs, cpuMs - previousMs);
    previousMs = cpuMs;
    return cpuMs;
  };
  const timer = setInterval(measureTurn, 1);
  return () => {
    clearInterval(timer);
    return { cpuMs: measureTurn(), longestTurnMs };
  };
}
