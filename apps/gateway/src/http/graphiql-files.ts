import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export interface GraphiqlFile {
  readonly name: string;
  readonly type: string;
  readonly etag: string;
  /** The content, compressed. */
  readonly gzip: Buffer;
}

const UNPACK = new URL('../../graphiql/unpack.mjs', import.meta.url);

/** GraphiQL's scripts and styles, by name. Takes about a second, on another thread. */
export async function unpackGraphiql(): Promise<ReadonlyMap<string, GraphiqlFile>> {
  const [files] = (await once(new Worker(UNPACK), 'message')) as [GraphiqlFile[]];
  // What comes from another thread is no Buffer any more.
  return new Map(files.map((file) => [file.name, { ...file, gzip: Buffer.from(file.gzip) }]));
}
