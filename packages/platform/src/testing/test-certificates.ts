import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate authority of a test, and a certificate of it for 127.0.0.1 and localhost. */
export interface TestCertificates {
  /** The certificate of the authority, in PEM format. */
  readonly ca: string;
  readonly caFile: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
  /** Lines for the configuration of a Redis or a Sentinel. */
  readonly serverConfig: readonly string[];
  remove(): void;
}

/** Creates an authority and a certificate with `openssl`. */
export function createTestCertificates(): TestCertificates {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  const file = (name: string) => join(folder, name);
  const openssl = (...args: readonly string[]) => void execFileSync('openssl', args, { stdio: 'ignore' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
  openssl(
    ...['req', '-x509', ...newKey, '-keyout', file('ca.key'), '-out', file('ca.pem')],
    ...['-days', '2', '-subj', '/CN=test authority'],
  );
  openssl(
    ...['req', ...newKey, '-keyout', file('server.key'), '-out', file('server.csr')],
    ...['-subj', '/CN=test server'],
  );
  writeFileSync(file('extensions'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  openssl(
    ...['x509', '-req', '-in', file('server.csr'), '-CA', file('ca.pem'), '-CAkey', file('ca.key')],
    ...['-CAcreateserial', '-days', '2', '-extfile', file('extensions'), '-out', file('server.pem')],
  );
  return {
    ca: readFileSync(file('ca.pem'), 'utf8'),
    caFile: file('ca.pem'),
    serverCertificate: readFileSync(file('server.pem'), 'utf8'),
    serverKey: readFileSync(file('server.key'), 'utf8'),
    serverConfig: [
      `tls-cert-file ${file('server.pem')}`,
      `tls-key-file ${file('server.key')}`,
      `tls-ca-cert-file ${file('ca.pem')}`,
      'tls-auth-clients no',
      'tls-replication yes',
    ],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
