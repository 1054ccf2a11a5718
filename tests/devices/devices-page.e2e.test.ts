import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { executeOperation } from '../harness/graphql-clients.js';
import { getInstallationEnv } from '../harness/script-process.js';
import { startTestPlatform, type TestPlatform } from '../harness/test-platform.js';

const PAGE = readFileSync(new URL('../../docs/devices.md', import.meta.url), 'utf8');
const PROJECT_FOLDER = new URL('../..', import.meta.url);
/** The test starts four services and some commands. */
const TIMEOUT_MS = 180_000;

const readBlocks = (language: string): string[] =>
  [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, block = '']) => block);

const [REGISTER = '', SIGN = '', WATCH_AND_REVOKE = '', TOKENS = ''] = readBlocks('sh');
const [SEND_READINGS = ''] = readBlocks('js');

let platform: TestPlatform;
beforeAll(async () => void (platform = await startTestPlatform()), TIMEOUT_MS);
afterAll(() => platform.close());

const useTestGateway = (text: string) => text.replaceAll('http://127.0.0.1:4000/graphql', platform.url);

/** Runs shell commands of the page. @returns what they print, line by line */
async function runCommands(...commands: string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)('bash', ['-euc', useTestGateway(commands.join('\n'))], {
    cwd: PROJECT_FOLDER,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...getInstallationEnv(platform) },
  });
  return stdout.split('\n').filter((line) => line !== '');
}

interface Alarms {
  readonly alarms: { readonly nodes: readonly { kind: string; status: string }[] };
}

test(
  'the commands of the page register a device, whose signed readings raise and clear an alarm until it is revoked',
  async () => {
    await executeOperation(
      platform.url,
      'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }',
      {
        input: {
          userId: 'ana',
          name: 'Always closed',
          opening: 'Shop door',
          opensAt: '00:00',
          closesAt: '00:00',
          days: [],
        },
      },
    );
    const expectAlarm = (status: string) =>
      eventually(async () => {
        const query = '{ alarms(filter: { userId: "ana" }) { nodes { kind status } } }';
        const { data } = await executeOperation<Alarms>(platform.url, query);
        expect(data?.alarms.nodes).toStrictEqual([{ kind: 'OUTSIDE_HOURS', status }]);
      });

    const keepIdentity = 'echo "export A=\'$A\' DEVICE=$DEVICE KEY=$KEY"';
    const [identity = ''] = await runCommands(REGISTER, keepIdentity);
    const recorded = (accepted: number, duplicates: number) =>
      JSON.stringify({ recordReadings: { accepted, duplicates, refused: [] } });
    const repeat = SIGN.slice(SIGN.indexOf('curl'));
    const [first = '', second = ''] = await runCommands(identity, SIGN, 'echo', repeat).then((lines) =>
      lines.flatMap((line) => line.split(/(?<=\})(?=\{"data)/)),
    );
    expect(first).toContain(recorded(1, 0));
    expect(second).toContain(recorded(0, 1));
    await expectAlarm('ACTIVE');

    const script = join(platform.folder, 'send-readings.mjs');
    writeFileSync(script, useTestGateway(SEND_READINGS));
    const [sent = ''] = await runCommands(identity, `node ${script}`);
    expect(sent).toContain(recorded(1, 0));
    await expectAlarm('CLEARED');

    const [, boundToOpenings] = await runCommands(identity, TOKENS);
    expect(boundToOpenings?.split('.')).toHaveLength(3);

    const [devices = '', revoked = ''] = await runCommands(identity, WATCH_AND_REVOKE);
    expect(devices).toMatch(/"openings":\["Shop door"\].*"repeatedRequests":1,"revokedAt":null/);
    expect(revoked).toMatch(/"revokeDevice":\{"device":\{"revokedAt":"2/);
    const [refused = ''] = await runCommands(identity, SIGN);
    expect(refused).toContain('"code":"UNAUTHENTICATED"');
    const [stillListed = ''] = await runCommands(identity, WATCH_AND_REVOKE);
    expect(stillListed).toMatch(/"devices":\[\{.*"revokedAt":"2/);
  },
  TIMEOUT_MS,
);
