import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readDefaultSettings, SERVICES } from '@seguridad-abc/cli';
import { readGatewayConfig } from '@seguridad-abc/gateway';
import { freePort, startRedis, temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { findDockerCompose } from '../scripts/testing/docker-compose.mjs';

/** docker-compose is slow to start. */
const COMPOSE_TIMEOUT_MS = 60_000;
/** On a busy machine: npm starts one process per app and package, then the four services start. */
const BUILD_TIMEOUT_MS = 240_000;
const START_TIMEOUT_MS = 240_000;
const PROJECT_FOLDER = fileURLToPath(new URL('..', import.meta.url));
/** The program with which CI checks the containers. */
const CHECK_PROGRAM = join(PROJECT_FOLDER, 'tests', 'harness', 'check-endpoint.mjs');
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
const isInstallation = (command: string) => command.startsWith('npm ci');
/** For the console, and for the services. */
const INSTALLATIONS = ['npm ci --omit=dev --ignore-scripts --workspace=apps/console', 'npm ci --omit=dev'];

interface ComposeService {
  readonly command: readonly string[];
  /** Null: the value of the environment in which the containers are started, if it has one. */
  readonly environment: Readonly<Record<string, string | null>>;
  readonly healthcheck?: unknown;
  readonly ports?: readonly string[];
  readonly profiles?: readonly string[];
}

const { services: COMPOSE_SERVICES } = parse(readProjectFile('compose.yaml'), { merge: true }) as {
  services: Record<string, ComposeService>;
};
const getComposeService = (name: string): ComposeService => {
  const service = COMPOSE_SERVICES[name];
  if (!service) throw new Error(`compose.yaml has no service ${name}.`);
  return service;
};

/** The settings of a service in compose.yaml, with the values of `env` in place of its variables. */
function readComposeEnvironment(
  service: ComposeService,
  env: Readonly<Record<string, string>>,
): Record<string, string> {
  const interpolate = (value: string) =>
    value.replaceAll(
      /\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}/g,
      (_, name: string, fallback?: string) => env[name] ?? fallback ?? '',
    );
  return Object.fromEntries(
    Object.entries(service.environment).map(([name, value]) => [
      name,
      value === null ? (env[name] ?? '') : interpolate(value),
    ]),
  );
}

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
    for (const name of [...SERVICE_NAMES, 'cli']) add(`apps/${name}`);

    const stageAt = INSTRUCTIONS.findIndex(
      ({ name, value }) => name === 'FROM' && value.endsWith('AS build'),
    );
    const stage = INSTRUCTIONS.slice(stageAt);
    const installAt = stage.findIndex(({ value }) => isInstallation(value));
    const copiedBefore = stage
      .slice(0, installAt)
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

/**
 * Builds the content of the image in a folder: executes the instructions of the Dockerfile that change its folder /app, those
 * of all stages. The folder has only what COPY copies. Links to the installed packages replace `npm ci`.
 */
function buildImageFolder(folder: string): void {
  for (const { name, value } of INSTRUCTIONS) {
    if (name === 'COPY' && !value.startsWith('--from')) copyIntoImage(value, folder);
    if (name !== 'RUN' || /^apt-get |\/data\b/.test(value)) continue;
    if (isInstallation(value)) {
      expect(INSTALLATIONS).toContain(value);
      linkRuntimePackages(folder);
      continue;
    }
    const { status, stdout, stderr } = spawnSync('sh', ['-c', value], {
      cwd: folder,
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        npm_config_offline: 'true',
        npm_config_update_notifier: 'false',
      },
    });
    expect({ value, status, output: status === 0 ? '' : stdout + stderr }).toEqual({
      value,
      status: 0,
      output: '',
    });
  }
}

function copyIntoImage(value: string, folder: string): void {
  const paths = value.split(/\s+/);
  const target = paths.pop() ?? '';
  for (const path of paths) {
    const source = join(PROJECT_FOLDER, path);
    // Docker copies a file into a folder whose name ends with a slash.
    const destination = join(folder, target.endsWith('/') ? join(target, basename(path)) : target);
    cpSync(source, destination, {
      recursive: true,
      filter: (file) => !isIgnoredByDocker(relative(PROJECT_FOLDER, file)),
    });
  }
}

const DOCKER_IGNORE_PATTERNS = readProjectFile('.dockerignore')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((pattern) => {
    const source = pattern
      .replaceAll('.', String.raw`\.`)
      .replaceAll(/\*\*\/|\*/g, (star) => (star === '*' ? '[^/]*' : '(?:.*/)?'));
    return new RegExp(`^${source}(?:/|$)`);
  });
const isIgnoredByDocker = (path: string) => DOCKER_IGNORE_PATTERNS.some((pattern) => pattern.test(path));

/** Links what `npm ci --omit=dev` installs for the package files in the folder: packages of npm, and apps and packages. */
function linkRuntimePackages(folder: string): void {
  const { packages } = JSON.parse(readProjectFile('package-lock.json')) as {
    packages: Record<string, { dev?: boolean; link?: boolean; resolved?: string }>;
  };
  for (const [path, { dev, link, resolved = '' }] of Object.entries(packages)) {
    // A package inside another one comes with that one.
    const [, user, isTopLevel] = /^(.*?)\/?node_modules\/(?:@[^/]+\/)?[^/]+(.*)$/.exec(path) ?? [];
    if (dev || user === undefined || isTopLevel !== '' || !existsSync(join(folder, user))) continue;
    const target = link ? join(folder, resolved) : join(PROJECT_FOLDER, path);
    // Packages for other platforms are not installed.
    if (!existsSync(target)) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    rmSync(join(folder, path), { recursive: true, force: true });
    symlinkSync(target, join(folder, path));
  }
}

describe('the image', () => {
  const image = temporaryFolder();
  beforeAll(() => buildImageFolder(image.path), BUILD_TIMEOUT_MS);
  afterAll(() => image.remove());

  const run = (args: readonly string[], env: Readonly<Record<string, string>>) =>
    spawn(process.execPath, args, {
      cwd: image.path,
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });

  test('gives every subgraph of the supergraph its own host, which gets the installation secret', () => {
    const supergraph = readFileSync(join(image.path, 'supergraph.containers.graphql'), 'utf8');
    const urls = [...supergraph.matchAll(/join__graph\(name: "(\w+)", url: "([^"]+)"\)/g)].map(
      ([, name, url]) => [name, url],
    );
    expect(urls).toEqual([
      ['heartbeat', 'http://heartbeat:4003/graphql'],
      ['monitoring', 'http://monitoring:4001/graphql'],
      ['reports', 'http://reports:4002/graphql'],
    ]);
    const environment = readComposeEnvironment(getComposeService('gateway'), {});
    expect(environment['SUPERGRAPH']).toBe('./supergraph.containers.graphql');
    const internalHosts = readGatewayConfig(environment).INTERNAL_HOSTS;
    const hosts = urls.map(([name]) => name);
    expect([...internalHosts].sort()).toEqual([...hosts, ...hosts.map((name) => `${name ?? ''}-2`)].sort());
  });

  test(
    'runs the services, which answer a mutation and a query with a token that the image issues',
    async () => {
      const redis = await startRedis();
      const data = temporaryFolder();
      const services: ChildProcess[] = [];
      try {
        const ports: Record<string, string> = {};
        for (const { portSetting } of SERVICES) ports[portSetting] = String(await freePort());
        const settings: Record<string, string> = {
          ...ports,
          HOST: '127.0.0.1',
          DATA_DIR: data.path,
          REDIS_URL: redis.url,
          MONITORING_URL: '',
        };
        const getEnvironment = (name: string) => ({
          ...readComposeEnvironment(getComposeService(name), { INSTALLATION_SECRET: 's'.repeat(32) }),
          ...settings,
        });
        const [, ...entryPoint] = JSON.parse(findInstruction('ENTRYPOINT')) as string[];
        await Promise.all(
          SERVICE_NAMES.map(async (name) => {
            const service = run([...entryPoint, name], getEnvironment(name));
            services.push(service);
            let output = '';
            service.stdout?.on('data', (text: Buffer) => (output += text.toString()));
            const ended = once(service, 'exit').then(() => {
              throw new Error(`${name} did not start:\n${output}`);
            });
            ended.catch(() => undefined);
            // A service sends a message when it is ready.
            await Promise.race([once(service, 'message'), ended]);
          }),
        );

        // The command of docs/deployment.md.
        const [, command = ''] = /exec gateway node (.*)/.exec(readProjectFile('docs/deployment.md')) ?? [];
        const issuing = run(command.split(' '), getEnvironment('gateway'));
        let token = '';
        issuing.stdout?.on('data', (text: Buffer) => (token += text.toString()));
        expect(await once(issuing, 'close')).toEqual([0, null]);

        const url = `http://127.0.0.1:${ports['GATEWAY_PORT'] ?? ''}/graphql`;
        const page = await fetch(new URL('/', url), { headers: { accept: 'text/html' } });
        expect([page.status, await page.text()]).toEqual([
          200,
          expect.stringContaining('/assets/') as string,
        ]);
        const check = spawn(process.execPath, [CHECK_PROGRAM, url, token.trim()], { stdio: 'inherit' });
        expect(await once(check, 'close')).toEqual([0, null]);
      } finally {
        await Promise.all(
          services.map(async (service) => {
            if (service.exitCode !== null || service.signalCode !== null) return;
            service.kill('SIGTERM');
            await once(service, 'exit');
          }),
        );
        await redis.close();
        data.remove();
      }
    },
    START_TIMEOUT_MS,
  );
});

/** The image or compose.yaml gives these a value, or their default is right in a container. Tools and npm start read the last ones. */
const CONTAINER_SETTINGS = [
  ...['HOST', 'GATEWAY_PORT', 'MONITORING_PORT', 'REPORTS_PORT', 'HEARTBEAT_PORT', 'INSTANCE_ID', 'DATA_DIR'],
  ...[
    'NODE_ENV',
    'AUTH',
    'AUTH_TOKEN',
    'INSTALLATION_SECRET',
    'REDIS_URL',
    'MONITORING_URL',
    'INTERNAL_HOSTS',
  ],
  ...['SUPERGRAPH', 'SUPERGRAPH_CONFIG', 'SUPERGRAPH_POLL_INTERVAL_MS'],
  ...['UNSUPERVISED_LIFETIME_MS', 'WATCHDOG_TIMEOUT_MS'],
];

describe('compose.yaml', () => {
  /** Without a profile, these are started. */
  const services = Object.fromEntries(
    Object.entries(COMPOSE_SERVICES).filter(([, { profiles }]) => profiles === undefined),
  );
  const getNames = (list: object) => Object.keys(list).sort();

  test('runs the four services and a Redis that stores its data', () => {
    const { redis, ...others } = services;
    expect(Object.entries(others).map(([name, { command }]) => [name, command])).toEqual(
      Object.keys(others).map((name) => [name, [name]]),
    );
    expect(Object.keys(others).sort()).toEqual([...SERVICE_NAMES].sort());
    const redisCommand = redis?.command.join(' ') ?? '';
    expect(redisCommand).toContain('appendonly yes');
    // The arguments of a process are visible to others. The server reads the password from its input.
    expect(redisCommand).toMatch(/requirepass \$\$REDISCLI_AUTH$/m);
    expect(redisCommand).not.toContain('REDIS_PASSWORD');
    expect(redis?.healthcheck).toBeDefined();
  });

  test('passes every setting to every service, and contains no secret', () => {
    const passed = Object.keys(readDefaultSettings()).filter((name) => !CONTAINER_SETTINGS.includes(name));
    for (const name of SERVICE_NAMES) {
      const { environment } = getComposeService(name);
      const names = Object.keys(environment).filter((each) => !CONTAINER_SETTINGS.includes(each));
      expect(names.sort()).toEqual(passed.sort());
      expect(environment['INSTALLATION_SECRET']).toMatch(/^\$\{INSTALLATION_SECRET:\?/);
      expect(environment['REDIS_URL']).toMatch(/:\$\{REDIS_PASSWORD:\?[^}]+\}@redis/);
    }
  });

  test('opens no port but the gateway, and the balancer of the profile ha', () => {
    expect(getNames(COMPOSE_SERVICES).filter((name) => COMPOSE_SERVICES[name]?.ports)).toEqual([
      'balancer',
      'gateway',
    ]);
  });

  test('has a second instance of each service in the profile ha, with the settings of the first one', () => {
    expect(getNames(COMPOSE_SERVICES).filter((name) => COMPOSE_SERVICES[name]?.profiles)).toEqual([
      ...[
        'balancer',
        'gateway-2',
        'heartbeat-2',
        'monitoring-2',
        'postgres',
        'postgres-replica',
        'redis-replica',
      ],
      ...['reports-2', 'sentinel-1', 'sentinel-2', 'sentinel-3'],
    ]);
    for (const name of SERVICE_NAMES) {
      const [first, second] = [getComposeService(name), getComposeService(`${name}-2`)];
      expect(second.command).toEqual(first.command);
      const { INSTANCE_ID, REPORTS_PEERS, ...others } = second.environment;
      expect([INSTANCE_ID, REPORTS_PEERS ?? null]).toEqual([
        `${name}-2`,
        name === 'reports' ? 'http://reports:4002' : null,
      ]);
      expect(others).toEqual(
        Object.fromEntries(
          Object.entries(first.environment).filter(([setting]) => setting !== 'REPORTS_PEERS'),
        ),
      );
    }
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
      const operatorSettings = { TRUSTED_PROXIES: '10.0.0.0/8', RATE_LIMIT_TIERS: 'gold=10' };
      const valid = runConfig({
        INSTALLATION_SECRET: 's'.repeat(32),
        REDIS_PASSWORD: 'p',
        ...operatorSettings,
      });
      expect(valid.stderr).toBe('');
      const config = parse(valid.stdout) as { services: Record<string, ComposeService> };
      // Version 1 shows the services of all profiles.
      expect(getNames(config.services)).toEqual(expect.arrayContaining([...SERVICE_NAMES, 'redis']));
      expect(config.services['reports']?.environment['MONITORING_URL']).toBe('http://monitoring:4001');
      expect(config.services['gateway']?.environment).toMatchObject(operatorSettings);
      expect(config.services['gateway']?.environment['CORS_ORIGINS'] ?? null).toBeNull();
      const invalid = runConfig({ REDIS_PASSWORD: 'p' });
      expect([invalid.status, invalid.stderr]).toEqual([
        1,
        expect.stringContaining('Set INSTALLATION_SECRET'),
      ]);
    },
    COMPOSE_TIMEOUT_MS,
  );
});
