import { getErrorCode, getErrorMessage } from './errors.js';

/** Codes of OpenSSL for a certificate whose authority is not trusted. */
const UNTRUSTED_CERTIFICATE =
  /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER_CERT(_LOCALLY)?|VERIFY_LEAF_SIGNATURE)|CERT_SIGNATURE_FAILURE)$/;

/**
 * Says why the certificate of a server was refused.
 * @param setting what names the file of the authority
 * @returns undefined if the certificate was not the reason of the error
 */
export function describeCertificateError(error: unknown, setting: string): string | undefined {
  const code = getErrorCode(error) ?? '';
  const message = getErrorMessage(error);
  if (UNTRUSTED_CERTIFICATE.test(code))
    return `the certificate is not signed by a trusted authority (${message}): set ${setting} to the file of the authority that signed it`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `the certificate is for another host: ${message}`;
  return undefined;
}
