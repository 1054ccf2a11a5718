export { getDialect, type SqlDialect } from '@seguridad-abc/platform';
