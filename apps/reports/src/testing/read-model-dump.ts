import Database from 'better-sqlite3';

/** Reads all tables and the definitions of all indexes of a read model, for comparing two. */
export function dumpReadModel(file: string): Record<string, unknown[]> {
  const database = new Database(file, { readonly: true });
  try {
    const names = database
      .prepare(`select name from sqlite_master where type = 'table' and name not like '\\_\\_%' escape '\\'`)
      .pluck()
      .all() as string[];
    const indexes = database
      .prepare(`select name, sql from sqlite_master where type = 'index' order by name`)
      .all();
    // The ids of openings and of entries of timelines mean nothing outside their database.
    const buildQuery = (name: string) =>
      name === 'intervals' || name === 'heard_instants'
        ? `select o.user_id, o.name, t.* from ${name} t join openings o on o.id = t.opening_id`
        : `select * from "${name}"`;
    const tables = names.map((name) => {
      const rows = database.prepare(buildQuery(name)).all() as Record<string, unknown>[];
      const texts = rows.map((row) => {
        const comparable = { ...row };
        delete comparable['opening_id'];
        if (name === 'openings' || name === 'alarm_timeline') delete comparable['id'];
        // When an entry was set aside.
        delete comparable['set_aside_at'];
        return JSON.stringify(comparable);
      });
      return [name, texts.sort()] as const;
    });
    return { indexes, ...Object.fromEntries(tables) };
  } finally {
    database.close();
  }
}

/** Reads the instants at which openings were heard, in order. The instants are in ms since 1970. */
export function readHeardInstants(file: string) {
  const database = new Database(file, { readonly: true });
  try {
    return database
      .prepare<[], { opening: string; at: number; isHeard: number; changedPosition: number }>(
        `select name as opening, at, is_heard as isHeard, heard_instants.changed_position as changedPosition
         from heard_instants join openings on openings.id = opening_id order by name, at`,
      )
      .all();
  } finally {
    database.close();
  }
}
