import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readDefaultSettings, SERVICES } from '@seguridad-abc/cli';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { findDockerCompose } from '../scripts/testing/docker-compose.mjs';

/** docker-compose is slow to start. */
const COMPOSE_TIMEOUT_MS = 60_000;
const PROJECT_FOLDER = fileURLToPath(new URL('..', import.meta.url));
const readProjectFile = (path: string) => readFileSync(join(PROJECT_FOLDER, path), 'utf8');
const readPackage = (folder: string) =>
  JSON.parse(readProjectFile(join(folder, 'package.json'))) as {
    name: string;
    scripts?: Record<string, string>;
    dependencies?: Record<string, string>;
  };

/** The instructions of the Dockerfile, without comments, and with continued lines joined. */
const INSTRUCTIONS = readProjectFile('Dockerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .map((line) => /^(\w+)\s+(.*)$/.exec(line.trim()))
  .filter((match) => match !== null)
  .map(([, name = '', value = '']) => ({ name, value }));
const findInstruction = (name: string) =>
  INSTRUCTIONS.findLast((instruction) => instruction.name === name)?.value ?? '';

/** What the image copies from the build context. */
const COPIED_PATHS = INSTRUCTIONS.filter(
  ({ name, value }) => name === 'COPY' && !value.startsWith('--from'),
).flatMap(({ value }) => value.split(/\s+/).slice(0, -1));
const SERVICE_NAMES = SERVICES.map(({ name }) => name);

describe('the Dockerfile', () => {
  test('copies files that exist and that .dockerignore does not exclude', () => {
    expect(COPIED_PATHS.length).toBeGreaterThan(0);
    expect(COPIED_PATHS.filter((path) => !existsSync(join(PROJECT_FOLDER, path)))).toEqual([]);
    const ignored = readProjectFile('.dockerignore').split('\n');
    expect(COPIED_PATHS.filter((path) => ignored.includes(path))).toEqual([]);
  });

  test('copies the package file of every package that a service needs, before it installs them', () => {
    const folders = ['packages', 'apps'].flatMap((parent) =>
      readdirSync(join(PROJECT_FOLDER, parent)).map((name) => `${parent}/${name}`),
    );
    const folderByName = new Map(folders.map((folder) => [readPackage(folder).name, folder]));
    const needed = new Set<string>();
    const add = (folder: string) => {
      if (needed.has(folder)) return;
      needed.add(folder);
      for (const name of Object.keys(readPackage(folder).dependencies ?? {})) {
        const dependency = folderByName.get(name);
        if (dependency !== undefined) add(dependency);
      }
    };
    for (const name of SERVICE_NAMES) add(`apps/${name}`);

    const installAt = INSTRUCTIONS.findIndex(({ value }) => value === 'npm ci');
    const copiedBefore = INSTRUCTIONS.slice(0, installAt)
      .filter(({ name }) => name === 'COPY')
      .flatMap(({ value }) => value.split(/\s+/).slice(0, -1));
    expect(
      [...needed].map((folder) => `${folder}/package.json`).filter((path) => !copiedBefore.includes(path)),
    ).toEqual([]);
  });

  test('runs each service as its npm script does, and not as root', () => {
    const command = (JSON.parse(findInstruction('ENTRYPOINT')) as string[]).join(' ');
    const { scripts } = readPackage('.');
    for (const name of SERVICE_NAMES) expect(scripts?.[name]).toBe(`exec ${command} ${name}`);
    expect(SERVICE_NAMES).toContain((JSON.parse(findInstruction('CMD')) as string[])[0]);
    expect(findInstruction('USER')).toBe('node');
  });

  test('gives every subgraph of the supergraph its own host', () => {
    const command = INSTRUCTIONS.find(({ value }) => value.startsWith('sed '))?.value.split(' > ')[0] ?? '';
    const supergraph = execFileSync('sh', ['-c', command], { cwd: PROJECT_FOLDER, encoding: 'utf8' });
    const urls = [...supergraph.matchAll(/join__graph\(name: "(\w+)", url: "([^"]+)"\)/g)].map(
      ([, name, url]) => [name, url],
    );
    expect(urls).toEqual([
      ['heartbeat', 'http://heartbeat:4003/graphql'],
      ['monitoring', 'http://monitoring:4001/graphql'],
      ['reports', 'http://reports:4002/graphql'],
    ]);
  });

  test('has a health check that succeeds only if a service is ready', async () => {
    const [program = '', ...args] = JSON.parse(
      /CMD (\[.*\])/.exec(findInstruction('HEALTHCHECK'))?.[1] ?? '',
    ) as string[];
    let status = 200;
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/ready' ? status : 404).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = String((server.address() as AddressInfo).port);
    // Nothing listens on port 1.
    const ports = { GATEWAY_PORT: '1', MONITORING_PORT: port, REPORTS_PORT: '1', HEARTBEAT_PORT: '1' };
    const check = async () => {
      const child = spawn(program, args, {
        cwd: PROJECT_FOLDER,
        env: { PATH: process.env['PATH'], ...ports },
      });
      const [code] = (await once(child, 'exit')) as [number];
      return code;
    };
    expect(await check()).toBe(0);
    status = 503;
    expect(await check()).toBe(1);
    server.close();
    server.closeAllConnections();
    expect(await check()).toBe(1);
  });
});

interface ComposeService {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly healthcheck?: unknown;
  readonly ports?: readonly string[];
}

describe('compose.yaml', () => {
  const { services } = parse(readProjectFile('compose.yaml'), { merge: true }) as {
    services: Record<string, ComposeService>;
  };

  test('runs the four services and a Redis that stores its data', () => {
    const { redis, ...others } = services;
    expect(Object.entries(others).map(([name, { command }]) => [name, command])).toEqual(
      Object.keys(others).map((name) => [name, [name]]),
    );
    expect(Object.keys(others).sort()).toEqual([...SERVICE_NAMES].sort());
    expect(redis?.command).toContain('--appendonly');
    expect(redis?.healthcheck).toBeDefined();
  });

  test('passes only settings that exist, and contains no secret', () => {
    const others = SERVICE_NAMES.map((name) => services[name]).filter((service) => service !== undefined);
    const names = others.flatMap(({ environment }) => Object.keys(environment));
    const settings = Object.keys(readDefaultSettings());
    expect(names.filter((name) => !settings.includes(name))).toEqual([]);
    for (const { environment } of others) {
      expect(environment['INSTALLATION_SECRET']).toMatch(/^\$\{INSTALLATION_SECRET:\?/);
      expect(environment['REDIS_URL']).toMatch(/:\$\{REDIS_PASSWORD:\?[^}]+\}@redis/);
    }
  });

  test('opens no port but the gateway', () => {
    expect(Object.keys(services).filter((name) => services[name]?.ports)).toEqual(['gateway']);
  });

  const dockerCompose = findDockerCompose();
  const runConfig = (env: Record<string, string>) =>
    spawnSync(dockerCompose ?? '', ['-f', 'compose.yaml', 'config'], {
      cwd: PROJECT_FOLDER,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], ...env },
    });
  // npm test installs docker-compose where it can. It needs no Docker daemon for this.
  test.skipIf(dockerCompose === undefined)(
    'is valid for docker-compose (skipped if there is none: install docker-compose), and needs both secrets',
    () => {
      const valid = runConfig({ INSTALLATION_SECRET: 's'.repeat(32), REDIS_PASSWORD: 'p' });
      expect(valid.stderr).toBe('');
      const config = parse(valid.stdout) as { services: Record<string, ComposeService> };
      expect(Object.keys(config.services).sort()).toEqual([...SERVICE_NAMES, 'redis'].sort());
      expect(config.services['reports']?.environment['MONITORING_URL']).toBe('http://monitoring:4001');
      const invalid = runConfig({ REDIS_PASSWORD: 'p' });
      expect([invalid.status, invalid.stderr]).toEqual([
        1,
        expect.stringContaining('Set INSTALLATION_SECRET'),
      ]);
    },
    COMPOSE_TIMEOUT_MS,
  );
});
