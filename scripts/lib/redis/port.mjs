import { randomInt } from 'node:crypto';
import { refusal } from '../ports.mjs';
import { Failure } from '../failure.mjs';

/**
 * Below what systems hand out for outgoing connections: were it one of those, a client that tries to reconnect while
 * the server is down could be given the very port, and keep the server from it.
 */
const FROM = 20_000;
const TO = 30_000;
const TRIES = 100;

/** @returns {Promise<number>} a port of loopback that nothing listens on */
export async function freeRedisPort() {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(FROM, TO);
    if ((await refusal('127.0.0.1', port)) === undefined) return port;
  }
  throw new Failure('No port of 127.0.0.1 is free for a Redis.');
}
