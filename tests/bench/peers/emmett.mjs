// emmett's PostgreSQL event store, driven by callers inside this process: a line of JSON in, a line of JSON out.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { randomUUID } from 'node:crypto';
import readline from 'node:readline';

const [modules, address, data] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const { getPostgreSQLEventStore } = await import(pathToFileURL(
  `${modules}/@event-driven-io/emmett-postgresql/dist/index.js`).href);
const pg = require('pg');
const config = JSON.parse(address);
const pool = new pg.Pool({ ...config, max: 64 });
const store = getPostgreSQLEventStore(
  `postgresql://${config.user}:${config.password}@localhost:${config.port}/${config.database}`,
  { connectionOptions: { pool } },
);
await store.schema.migrate();
const event = { type: 'FavourRecorded', data: JSON.parse(data) };

async function caller(end, latencies) {
  let started = performance.now();
  while (started < end) {
    await store.appendToStream(`favour-${randomUUID()}`, [event]);
    const finished = performance.now();
    latencies.push(finished - started);
    started = finished;
  }
}

console.log('ready');
for await (const line of readline.createInterface({ input: process.stdin })) {
  const { callers, seconds } = JSON.parse(line);
  const latencies = [];
  const begun = performance.now();
  await Promise.all(Array.from({ length: callers }, () => caller(begun + seconds * 1000, latencies)));
  console.log(JSON.stringify({ elapsed: (performance.now() - begun) / 1000, latencies }));
}
await pool.end();
process.exit(0);
