import { activeSpanStorage, runInSpan, type Tracing } from '@seguridad-abc/platform';

type Command = (...args: readonly never[]) => Promise<unknown>;

/**
 * Wraps commands so that each has a span in the trace of its request.
 * @param commands by the names of their mutations
 */
export const createTracedCommands = <Commands extends object>(
  commands: Commands,
  tracing: Tracing,
): Commands =>
  Object.fromEntries(
    Object.entries(commands as Record<string, Command>).map(([name, command]) => [
      name,
      (...args: readonly never[]) => {
        const span = tracing.startSpan(`command ${name}`, {
          kind: 'internal',
          parent: activeSpanStorage.getStore(),
        });
        return runInSpan(span, () => command(...args));
      },
    ]),
  ) as Commands;
