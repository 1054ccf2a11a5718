// A preload for the services of a topology (NODE_OPTIONS=--import). The file PROXY_FOLDER/<INSTANCE_ID>.proxies maps ports to those of
// proxies, such as "4051=40123 4052=40124". As long as it exists, the connections of this instance to these ports go through the
// proxies. Connections that are open when it appears or disappears are closed. The file <INSTANCE_ID>.done then has the same content.
import { readFileSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const { PROXY_FOLDER: folder, INSTANCE_ID: instance } = process.env;
const POLL_INTERVAL_MS = 100;

if (folder !== undefined && instance !== undefined && isMainThread) proxyConnections(join(folder, instance));

/** @param {string} path of the files, without their extensions */
function proxyConnections(path) {
  /**
   * Open sockets with the ports that they asked for.
   * @type {Map<Socket, string>}
   */
  const sockets = new Map();
  let text = '';
  /** @type {Map<string, number>} */
  let proxyPorts = new Map();

  /**
   * @param {Socket} socket
   * @param {unknown} port
   */
  const replacePort = (socket, port) => {
    sockets.set(socket, String(port));
    socket.once('close', () => sockets.delete(socket));
    return proxyPorts.get(String(port)) ?? port;
  };
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with the socket
  const connect = /** @type {(this: Socket, ...args: unknown[]) => Socket} */ (Socket.prototype.connect);
  /**
   * @this {Socket}
   * @param {unknown[]} args
   */
  const connectThroughProxy = function (...args) {
    // Functions of the module `net` pass a list that begins with the options.
    const list = /** @type {unknown[]} */ (Array.isArray(args[0]) ? args[0] : args);
    const [options] = list;
    if (typeof options === 'number' || typeof options === 'string') list[0] = replacePort(this, options);
    else if (typeof options === 'object' && options !== null && 'port' in options)
      list[0] = { ...options, port: replacePort(this, options.port) };
    return connect.apply(this, args);
  };
  Object.assign(Socket.prototype, { connect: connectThroughProxy });

  const update = () => {
    const found = readIfPresent(`${path}.proxies`) ?? '';
    if (found === text) return;
    const former = proxyPorts;
    text = found;
    proxyPorts = new Map(
      text.split(' ').map((pair) => {
        const [port = '', proxy] = pair.split('=');
        return [port, Number(proxy)];
      }),
    );
    for (const [socket, port] of sockets) if (proxyPorts.has(port) || former.has(port)) socket.destroy();
    writeFileSync(`${path}.done`, text);
  };
  setInterval(update, POLL_INTERVAL_MS).unref();
}

/** @param {string} file */
function readIfPresent(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
