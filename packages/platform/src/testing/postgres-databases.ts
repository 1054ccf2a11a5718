import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** An empty copy of a template, on a server that several test files share. */
export interface TestPostgresDatabase {
  readonly url: string;
  /** Removes it, and ends its connections. */
  remove(): Promise<void>;
}

/**
 * Creates databases of one schema quickly: they are copies of a template, which is prepared once.
 * @param serverUrl of a database of the server
 * @param prepareTemplate applies the migrations to the database of a URL
 */
export function createPostgresDatabases(serverUrl: string, prepareTemplate: (url: string) => Promise<void>) {
  const run = async (sql: string) => {
    const client = new pg.Client({ connectionString: serverUrl });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  };
  const getUrl = (name: string) => serverUrl.replace(/[^/]*$/, name);
  const createName = () => `test_${randomUUID().replaceAll('-', '')}`;
  let template: Promise<string> | undefined;
  const createTemplate = async () => {
    const name = createName();
    await run(`create database ${name}`);
    await prepareTemplate(getUrl(name));
    return name;
  };
  return {
    async create(): Promise<TestPostgresDatabase> {
      const name = createName();
      await run(`create database ${name} template ${await (template ??= createTemplate())}`);
      return { url: getUrl(name), remove: () => run(`drop database ${name} with (force)`) };
    },
  };
}
