import type { EnvironmentVariables } from '@seguridad-abc/platform';
import { z } from 'zod';
import { UnreachableError, UserFacingError } from './errors.js';
import type { InstallationSettings } from './installation-settings.js';
import { createServiceClient, ServiceRefusalError, type ServiceClient } from './service-client.js';

/** What an instance of monitoring that does not lead answers to requests that only the leader accepts. */
const notLeadingSchema = z.object({ leads: z.literal(false) });

function isNotLeading(error: unknown): boolean {
  if (!(error instanceof ServiceRefusalError)) return false;
  try {
    return notLeadingSchema.safeParse(JSON.parse(error.body)).success;
  } catch {
    return false;
  }
}

/** The origins of the instances that `MONITORING_URL` names. Undefined is the one at `HOST` and `MONITORING_PORT`. */
function listInstances(urls: string | undefined): readonly (string | undefined)[] {
  const texts = (urls ?? '').split(',').map((url) => url.trim());
  const named = texts.filter((url) => url !== '');
  return named.length === 0 ? [undefined] : named.map(parseOrigin);
}

/** @throws UserFacingError if it is not the address of a service: `localhost:4001` is a URL too, with the protocol `localhost` */
function parseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isAddress = url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search && !url.hash;
  if (!isAddress)
    throw new UserFacingError(
      `MONITORING_URL has ${text}: name the instances as http://host:4001, without a path.`,
    );
  return url.origin;
}

/**
 * Asks the instances of monitoring one after the other, until one leads.
 * @param ask sends a request that only the leader accepts
 * @returns the client of the leader, and its answer
 * @throws UserFacingError if none of them leads; UnreachableError if none answers; the leader's refusal
 */
export async function askMonitoringLeader<Answer>(
  context: {
    readonly settings: InstallationSettings;
    readonly env: EnvironmentVariables;
    readonly signal: AbortSignal;
  },
  ask: (client: ServiceClient) => Promise<Answer>,
): Promise<{ readonly client: ServiceClient; readonly answer: Answer }> {
  const reasons: string[] = [];
  let hasAnswered = false;
  for (const instance of listInstances(context.env['MONITORING_URL'])) {
    const name = instance ?? 'the instance at HOST and MONITORING_PORT';
    try {
      const client = await createServiceClient('monitoring', context, instance, 'MONITORING_URL');
      return { client, answer: await ask(client) };
    } catch (error) {
      if (error instanceof UnreachableError) reasons.push(error.message);
      else if (isNotLeading(error)) {
        hasAnswered = true;
        reasons.push(`${name} does not lead.`);
      } else throw error;
    }
  }
  if (!hasAnswered) throw new UnreachableError(reasons.join('\n'));
  throw new UserFacingError(
    [
      'No instance of monitoring that was asked leads. Name all instances in MONITORING_URL, not a balancer. After the loss of a leader, another one leads within 5 seconds: repeat the command.',
      ...reasons,
    ].join('\n'),
  );
}
