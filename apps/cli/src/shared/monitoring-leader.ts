import { z } from 'zod';
import type { CommandContext } from '../command-line/command-host.js';
import { UnreachableError, UserFacingError } from './errors.js';
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

function parseOrigin(url: string): string {
  if (!URL.canParse(url))
    throw new UserFacingError(
      `MONITORING_URL has ${url}, which is no URL: name the instances as http://host:4001.`,
    );
  return new URL(url).origin;
}

/**
 * Asks the instances of monitoring one after the other, until one leads.
 * @param ask sends a request that only the leader accepts
 * @returns the client of the leader, and its answer
 * @throws UserFacingError if none of them leads; UnreachableError if none answers; the leader's refusal
 */
export async function askMonitoringLeader<Answer>(
  context: Pick<CommandContext, 'settings' | 'env' | 'signal'>,
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
